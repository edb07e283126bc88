// What the service puts into the scope of every evalscript, after its documented behaviour. Each is a plain property of
// the global object, so that a script may declare a name of its own in its place.
"use strict";
(function () {
  const JAVA_DOUBLE_MAX_VAL = 1.7976931348623157e308;

  const clamp = (value, low, high) => Math.max(Math.min(value, high), low);
  const int2rgb = (color) => [(color >>> 16) & 0xff, (color >>> 8) & 0xff, color & 0xff];
  const rgb2int = (color) => (color[0] << 16) + (color[1] << 8) + color[2];
  const normalizeRGB = (color) => color.map((part) => part / 255);
  const index = (x, y) => (x + y !== 0 ? (x - y) / (x + y) : 0);
  const inverse = (x) => (x !== 0 ? 1 / x : JAVA_DOUBLE_MAX_VAL);
  const toRGB = (color) => (Array.isArray(color) ? color : normalizeRGB(int2rgb(color)));

  function combine(color1, color2, alpha) {
    if (Array.isArray(color1)) {
      return color1.map((part, i) => part * alpha + color2[i] * (1 - alpha));
    }
    const other = int2rgb(color2);
    return rgb2int(int2rgb(color1).map((part, i) => Math.round(part * alpha + other[i] * (1 - alpha))));
  }

  function valueMap(value, intervals, values) {
    if (!Array.isArray(intervals) || !Array.isArray(values)) return value;
    for (let i = 0; i < intervals.length; i++) {
      if (value <= intervals[i]) return values[i];
    }
    return values[values.length - 1];
  }

  function between(low, high, ratio) {
    if (Array.isArray(low)) return low.map((part, i) => part * (1 - ratio) + high[i] * ratio);
    return low * (1 - ratio) + high * ratio;
  }

  function valueInterpolate(value, intervals, values) {
    if (!Array.isArray(intervals) || !Array.isArray(values)) return value;
    if (!intervals.length || value <= intervals[0]) return values[0];
    for (let i = 1; i < intervals.length; i++) {
      if (value <= intervals[i]) {
        return between(values[i - 1], values[i], (value - intervals[i - 1]) / (intervals[i] - intervals[i - 1]));
      }
    }
    return values[values.length - 1];
  }

  const blueRed = [
    [1.0, 0x000080], [0.875, 0x0000ff], [0.625, 0x00ffff], [0.375, 0xffff00], [0.125, 0xff0000], [0.0, 0x800000],
  ];
  const redTemperature = [[1.0, 0x000000], [0.525, 0xae0000], [0.3, 0xff6e00], [0.25, 0xff8600], [0.0, 0xffffff]];
  const greenWhite = [[1.0, 0x000000], [0.6, 0x006600], [0.3, 0x80b300], [0.0, 0xffffff]];
  const oceanColor = [
    [0.0, [147, 0, 108]], [0.0471, [111, 0, 144]], [0.098, [72, 0, 183]], [0.149, [33, 0, 222]], [0.2, [0, 10, 255]],
    [0.2471, [0, 74, 255]], [0.298, [0, 144, 255]], [0.349, [0, 213, 255]], [0.4, [0, 255, 215]],
    [0.4471, [0, 255, 119]], [0.498, [0, 255, 15]], [0.549, [96, 255, 0]], [0.6, [200, 255, 0]],
    [0.6471, [255, 235, 0]], [0.698, [255, 183, 0]], [0.749, [255, 131, 0]], [0.8, [255, 79, 0]],
    [0.8471, [255, 31, 0]], [0.898, [230, 0, 0]], [0.949, [165, 0, 0]], [1.0, [105, 0, 0]],
  ].map(([value, color]) => [value, normalizeRGB(color)]);
  // The named constants run from 1 to 0; as ramps their colours keep their order and their values rise, which is not
  // the same thing as turning them round, and is what the documented examples show.
  function rising(pairs) {
    const values = pairs.map(([value]) => value).reverse();
    return pairs.map(([, color], i) => [values[i], color]);
  }

  class Visualizer {
    processList(values) {
      return values.map((value) => this.process(value));
    }
  }

  class ColorMapVisualizer extends Visualizer {
    constructor(valColPairs) {
      super();
      this.valColPairs = valColPairs;
    }
    process(value) {
      let color = this.valColPairs[0][1];
      for (const pair of this.valColPairs) {
        if (value < pair[0]) break;
        color = pair[1];
      }
      return toRGB(color);
    }
    static createDefaultColorMap() {
      return new ColorMapVisualizer([
        [-1.0, 0x000000], [-0.2, 0xff0000], [-0.1, 0x9a0000], [0.0, 0x660000], [0.1, 0xffff33], [0.2, 0xcccc33],
        [0.3, 0x666600], [0.4, 0x33ffff], [0.5, 0x33cccc], [0.6, 0x006666], [0.7, 0x33ff33], [0.8, 0x33cc33],
        [0.9, 0x006600],
      ]);
    }
  }

  class ColorRampVisualizer extends Visualizer {
    constructor(ramps, minVal, maxVal) {
      super();
      ramps = ramps.slice().sort((one, other) => one[0] - other[0]);
      const low = ramps[0][0];
      const high = ramps[ramps.length - 1][0];
      const from = minVal === undefined ? low : minVal;
      const to = maxVal === undefined ? high : maxVal;
      this.values = ramps.map(([value]) => from === low && to === high ? value : from + ((value - low) / (high - low)) * (to - from));
      this.colors = ramps.map(([, color]) => color);
    }
    inverse() {
      const other = Object.create(ColorRampVisualizer.prototype);
      other.values = this.values.slice();
      other.colors = this.colors.slice().reverse();
      return other;
    }
    process(value) {
      const { values, colors } = this;
      if (!(value > values[0])) return toRGB(colors[0]);
      for (let i = 1; i < values.length; i++) {
        if (value <= values[i]) {
          return this.mix(colors[i - 1], colors[i], (value - values[i - 1]) / (values[i] - values[i - 1]));
        }
      }
      return toRGB(colors[colors.length - 1]);
    }
    mix(low, high, ratio) {
      if (Array.isArray(low) || Array.isArray(high)) return between(toRGB(low), toRGB(high), ratio);
      const [a, b] = [int2rgb(low), int2rgb(high)]; // whole steps of 255, as the documented examples have them
      return a.map((part, i) => Math.trunc(part * (1 - ratio) + b[i] * ratio + 1e-9) / 255);
    }
    static createRedTemperature(minVal, maxVal) {
      return new ColorRampVisualizer(rising(redTemperature), minVal, maxVal);
    }
    static createWhiteGreen(minVal, maxVal) {
      return new ColorRampVisualizer(rising(greenWhite), minVal, maxVal);
    }
    static createBlueRed(minVal, maxVal) {
      return new ColorRampVisualizer(rising(blueRed), minVal, maxVal);
    }
    static createOceanColor(minVal, maxVal) {
      return new ColorRampVisualizer(oceanColor, minVal, maxVal);
    }
  }

  class ColorGradientVisualizer extends Visualizer {
    constructor(valColPairs, minVal = 0.0, maxVal = 1.0) {
      super();
      this.values = valColPairs.map(([value]) => minVal * value + maxVal * (1 - value));
      this.colors = valColPairs.map(([, color]) => color);
    }
    process(value) {
      const { values, colors } = this;
      if (!(value > values[0])) return toRGB(colors[0]);
      for (let i = 1; i < values.length; i++) {
        if (value <= values[i]) {
          return toRGB(combine(colors[i], colors[i - 1], (value - values[i - 1]) / (values[i] - values[i - 1])));
        }
      }
      return toRGB(colors[colors.length - 1]);
    }
    static createRedTemperature(minVal, maxVal) {
      return new ColorGradientVisualizer(redTemperature, minVal, maxVal);
    }
    static createWhiteGreen(minVal, maxVal) {
      return new ColorGradientVisualizer(greenWhite, minVal, maxVal);
    }
    static createBlueRed(minVal, maxVal) {
      return new ColorGradientVisualizer(blueRed, minVal, maxVal);
    }
  }

  class DefaultVisualizer extends Visualizer {
    constructor(minValue = 0.0, maxValue = 1.0, gain = 1.0, offset = 0.0, gamma = 1.0) {
      super();
      Object.assign(this, { minValue, maxValue, gain, offset, gamma });
    }
    stretch(value) {
      const linear = (this.gain * (value - this.minValue)) / (this.maxValue - this.minValue) + this.offset;
      return this.gamma === 1 ? linear : Math.pow(Math.max(0, linear), this.gamma);
    }
    process(value) {
      return clamp(this.stretch(value), 0, 1);
    }
  }

  const HIGHLIGHT = 0.92; // above it, and up to twice the range, highlights share what is left
  class HighlightCompressVisualizer extends DefaultVisualizer {
    process(value) {
      const bright = this.stretch(value);
      const isCompressed = this.maxValue > 0 && this.maxValue < 1 && bright > HIGHLIGHT;
      const squeezed = HIGHLIGHT + ((bright - HIGHLIGHT) * (1 - HIGHLIGHT)) / (2 - HIGHLIGHT);
      return clamp(isCompressed ? squeezed : bright, 0, 1);
    }
  }
  class HighlightCompressVisualizerSingle extends HighlightCompressVisualizer {
    process(value) {
      return [super.process(value)];
    }
    processList(values) {
      return values.map((value) => this.process(value)[0]);
    }
  }
  class Identity {
    process(value) {
      return Array.isArray(value) ? value : [value];
    }
  }

  // USGS, Landsat 8-9 Collection 2 Level 1, QA_PIXEL
  function decodeL8C2Qa(value) {
    const bits = (from, count) => (value >> from) & ((1 << count) - 1);
    return {
      fill: bits(0, 1), dilatedCloud: bits(1, 1), cirrus: bits(2, 1), cloud: bits(3, 1), cloudShadow: bits(4, 1),
      snow: bits(5, 1), clear: bits(6, 1), water: bits(7, 1), cloudConfidence: bits(8, 2),
      cloudShadowConfidence: bits(10, 2), snowIceConfidence: bits(12, 2), cirrusConfidence: bits(14, 2),
    };
  }

  // USGS, Landsat 8 before Collection 1, BQA
  function decodeLs8Qa(value) {
    const bits = (from, count) => (value >> from) & ((1 << count) - 1);
    return {
      designatedFill: bits(0, 1), terrainOcclusion: bits(1, 1), radiometricSaturation: bits(2, 2), cloud: bits(4, 1),
      cloudConfidence: bits(5, 2), cloudShadowConfidence: bits(7, 2), snowIceConfidence: bits(9, 2),
      cirrusConfidence: bits(11, 2),
    };
  }

  // EUMETSAT, Sentinel-3 OLCI Level 1B, quality_flags
  function decodeS3OLCIQualityFlags(value) {
    const names = [
      "land", "coastline", "fresh_inland_water", "tidal_region", "bright", "straylight_risk", "invalid", "cosmetic",
      "duplicated", "sun_glint_risk", "dubious",
    ];
    const flags = {};
    names.forEach((name, i) => (flags[name] = (value >>> (31 - i)) & 1));
    for (let band = 1; band <= 21; band++) {
      flags["saturatedB" + String(band).padStart(2, "0")] = (value >>> (21 - band)) & 1;
    }
    return flags;
  }

  const constants = (...names) => Object.freeze(Object.fromEntries(names.map((name) => [name, name])));
  Object.assign(globalThis, {
    Mosaicking: constants("SIMPLE", "ORBIT", "TILE"),
    SampleType: constants("INT8", "UINT8", "INT16", "UINT16", "FLOAT32", "AUTO"),
    JAVA_DOUBLE_MAX_VAL, blueRed, redTemperature, greenWhite, oceanColor,
    int2rgb, rgb2int, hex2rgb: int2rgb, rgb2hex: rgb2int, normalizeRGB, index, inverse, combine, valueMap,
    valueInterpolate, colorBlend: valueInterpolate, colorMap: valueMap,
    ColorMapVisualizer, ColorRampVisualizer, ColorGradientVisualizer, DefaultVisualizer, HighlightCompressVisualizer,
    HighlightCompressVisualizerSingle, Identity, decodeL8C2Qa, decodeLs8Qa, decodeS3OLCIQualityFlags,
  });
  for (const name of ["setTimeout", "clearTimeout", "WebAssembly"]) {
    if (!Reflect.deleteProperty(globalThis, name)) globalThis[name] = undefined;
  }
})();
