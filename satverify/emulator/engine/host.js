// Runs one evalscript: what the engine asks of it, and the loop over the pixels. Evaluated after the script, so that
// functions which the script declares with const or let are in reach by their names.
"use strict";
Object.defineProperty(globalThis, "__host", {
  value: (function () {
    const found = {
      setup: typeof setup === "function" ? setup : null,
      evaluatePixel: typeof evaluatePixel === "function" ? evaluatePixel : null,
      preProcessScenes: typeof preProcessScenes === "function" ? preProcessScenes : null,
      updateOutput: typeof updateOutput === "function" ? updateOutput : null,
      updateOutputMetadata: typeof updateOutputMetadata === "function" ? updateOutputMetadata : null,
    };
    const { stringify, parse } = JSON;
    const RANGES = {
      AUTO: [0, 255, Uint8Array], UINT8: [0, 255, Uint8Array], INT8: [-128, 127, Int8Array],
      UINT16: [0, 65535, Uint16Array], INT16: [-32768, 32767, Int16Array],
    };
    const state = { inputs: [], isFused: false, scenes: {}, inputMetadata: {}, outputs: [], outputMetadata: {} };
    const LISTS = { ORBIT: "orbits", TILE: "tiles" };

    function need(name) {
      if (!found[name]) throw new Error(`Function ${name} is missing`);
      return found[name];
    }

    function keyed(make) {
      if (!state.isFused) return make(state.inputs[0]);
      return Object.fromEntries(state.inputs.map((input) => [input.id, make(input)]));
    }

    function withoutTiles(scene) {
      const { tiles, ...rest } = scene;
      return rest;
    }

    function offered(input) {
      const list = LISTS[input.mosaicking];
      const scenes = list ? { [list]: input.scenes.map(list === "orbits" ? withoutTiles : (scene) => ({ ...scene })) } : {};
      return { from: new Date(input.from), to: new Date(input.to), scenes };
    }

    function kept(input, collection) {
      const list = LISTS[input.mosaicking];
      const scenes = list && collection && collection.scenes && collection.scenes[list];
      if (list && !Array.isArray(scenes)) throw new Error(`preProcessScenes must return collections with scenes.${list}`);
      if (!list) return input.scenes;
      return scenes.map((scene) => {
        const found = scene && input.scenes.find((one) => one.__idx === scene.__idx);
        if (!found) throw new Error(`preProcessScenes must return scenes that it was given in scenes.${list}`);
        return found;
      });
    }

    // Answers which scenes remain, by input, and how many bands each output has.
    function begin(text) {
      Object.assign(state, parse(text));
      if (found.preProcessScenes && state.inputs.some((input) => LISTS[input.mosaicking])) {
        const collections = found.preProcessScenes(keyed(offered));
        for (const input of state.inputs) {
          input.scenes = kept(input, state.isFused ? collections && collections[input.id] : collections);
        }
      }
      const bands = Object.fromEntries(state.outputs.map((output) => [output.id, { bands: output.bands }]));
      if (found.updateOutput) {
        found.updateOutput(bands, keyed((input) => ({
          scenes: LISTS[input.mosaicking] ? input.scenes.map((scene) => ({ date: new Date(scene.date || scene.dateFrom) })) : [],
        })));
      }
      for (const output of state.outputs) output.bands = bands[output.id].bands;
      state.scenes = keyed((input) => {
        const list = LISTS[input.mosaicking];
        const scenes = list ? { [list]: input.scenes } : {};
        return state.isFused ? { scenes } : scenes;
      });
      return stringify({
        kept: state.inputs.map((input) => input.scenes.map((scene) => scene.__idx)),
        bands: state.outputs.map((output) => output.bands),
      });
    }

    // A function that makes one sample of an input from the planes of a scene. Names are checked before they come here.
    function sampler(input) {
      const parts = input.bands.map(({ name, scale }, i) => `${name}: p[${i}][i]` + (scale === 1 ? "" : ` * ${scale}`));
      return new Function("p", "i", `return {${parts.join(", ")}};`);
    }

    function planesOf(buffer, count) {
      let plane = 0;
      return state.inputs.map((input) => Array.from({ length: input.samples }, () =>
        input.bands.map(() => new Float32Array(buffer, plane++ * count * 4, count))));
    }

    function samplesAt(inputs, samplers, i) {
      const each = (k) => {
        const scenes = inputs[k];
        const samples = new Array(scenes.length);
        for (let s = 0; s < scenes.length; s++) samples[s] = samplers[k](scenes[s], i);
        return samples;
      };
      if (!state.isFused) return state.inputs[0].mosaicking === "SIMPLE" ? samplers[0](inputs[0][0], i) : each(0);
      const samples = {};
      for (let k = 0; k < inputs.length; k++) samples[state.inputs[k].id] = each(k);
      return samples;
    }

    function whole(value, low, high) {
      const rounded = Math.round(value);
      return rounded >= low ? (rounded <= high ? rounded : high) : rounded < low ? low : 0; // NaN becomes 0
    }

    // Where the values of each output go: one plane after the other, in one buffer.
    function writers(buffer, count) {
      let offset = 0;
      return state.outputs.map(({ id, bands, sampleType }) => {
        const [low, high, Kind] = RANGES[sampleType] || [0, 0, Float32Array];
        const target = new Kind(buffer, offset, bands * count);
        offset += Math.ceil((bands * count * Kind.BYTES_PER_ELEMENT) / 8) * 8;
        const stretch = sampleType === "AUTO" ? 255 : 1;
        const write = sampleType === "FLOAT32"
          ? (values, i) => { for (let b = 0; b < bands; b++) target[b * count + i] = values[b]; }
          : (values, i) => { for (let b = 0; b < bands; b++) target[b * count + i] = whole(values[b] * stretch, low, high); };
        return { id, bands, write };
      });
    }

    function outputBytes(count) {
      return state.outputs.reduce((total, { bands, sampleType }) => {
        const size = (RANGES[sampleType] || [0, 0, Float32Array])[2].BYTES_PER_ELEMENT;
        return total + Math.ceil((bands * count * size) / 8) * 8;
      }, 0);
    }

    function values(result, writer) {
      const isPlain = Array.isArray(result) || ArrayBuffer.isView(result);
      if (isPlain && state.outputs.length > 1) {
        throw new Error("evaluatePixel must return an object with one array for each output, as setup defines more than one");
      }
      const found = isPlain ? result : result[writer.id];
      if (!Array.isArray(found) && !ArrayBuffer.isView(found)) {
        throw new Error(`evaluatePixel must return an array of numbers for output ${writer.id}`);
      }
      if (found.length !== writer.bands) {
        throw new Error(`Output ${writer.id} has ${writer.bands} bands in setup, evaluatePixel returned ${found.length}`);
      }
      return found;
    }

    function layout(text) {
      const { bands, samples } = parse(text);
      state.inputs.forEach((input, k) => Object.assign(input, { bands: bands[k], samples: samples[k] }));
      state.customData = {};
      state.outputMetadata = { userData: {} };
      return "{}";
    }

    function run(buffer, count) {
      const evaluate = need("evaluatePixel");
      const inputs = planesOf(buffer, count);
      const samplers = state.inputs.map(sampler);
      const output = new ArrayBuffer(outputBytes(count));
      const targets = writers(output, count);
      const { scenes, inputMetadata, customData, outputMetadata } = state;
      for (let i = 0; i < count; i++) {
        const result = evaluate(samplesAt(inputs, samplers, i), scenes, inputMetadata, customData, outputMetadata);
        if (result === undefined || result === null) continue;
        for (const target of targets) target.write(values(result, target), i);
      }
      return output;
    }

    function finish() {
      if (found.updateOutputMetadata) found.updateOutputMetadata(state.scenes, state.inputMetadata, state.outputMetadata);
      const userData = stringify(state.outputMetadata.userData);
      return userData === undefined ? "{}" : userData;
    }

    return Object.freeze({
      setup: () => {
        const made = need("setup")();
        need("evaluatePixel");
        const word = (_, value) => (typeof value === "number" && !Number.isFinite(value) ? String(value) : value);
        return stringify(made === undefined ? null : made, word);
      },
      begin, layout, run, finish,
    });
  })(),
});
