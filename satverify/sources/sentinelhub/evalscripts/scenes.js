//VERSION=3
// All scenes that one request wants, as bands of one image of unsigned 16-bit numbers.
//
// REQUEST is written in by satverify.sources.sentinelhub.bodies:
//   bands       [{source, unit, scale, offset}]: stored number = (what the service gives - offset) / scale, rounded
//   mosaicking  "ORBIT" (one scene per UTC day) or "TILE"
//   scenes      [{from, to}] in milliseconds since 1970: which of the service's scenes belong to which wanted one
//   origin      milliseconds since 1970 that tags count from
//   tick        milliseconds in one step of a tag
// Each wanted scene gives its bands and then a tag: 1 + ticks from the origin to the time of the scene that the
// pixel came from, and 0 where it came from none. So the image says by itself which date is where.
const REQUEST = "REQUEST";

const NODATA = 65535;
const WIDTH = REQUEST.bands.length + 1;
const places = new Map();

function setup() {
  return {
    input: [
      {
        bands: [...REQUEST.bands.map((band) => band.source), "dataMask"],
        units: [...REQUEST.bands.map((band) => band.unit), "DN"],
      },
    ],
    output: { id: "default", bands: REQUEST.scenes.length * WIDTH, sampleType: "UINT16" },
    mosaicking: REQUEST.mosaicking,
  };
}

// Paid for are only the scenes that stay.
function preProcessScenes(collections) {
  const scenes = collections.scenes;
  for (const kind of ["orbits", "tiles"]) {
    if (scenes[kind]) {
      scenes[kind] = scenes[kind].filter((scene) => placeOf(scene).place >= 0);
    }
  }
  return collections;
}

function evaluatePixel(samples, scenes) {
  const listed = scenes.orbits || scenes.tiles || [];
  const image = new Array(REQUEST.scenes.length * WIDTH).fill(NODATA);
  for (let place = 0; place < REQUEST.scenes.length; place++) {
    image[place * WIDTH + WIDTH - 1] = 0;
  }
  const count = Math.min(samples.length, listed.length);
  for (let index = 0; index < count; index++) {
    const sample = samples[index];
    const { place, tag } = placeOf(listed[index]);
    const first = place * WIDTH;
    if (place < 0 || !sample.dataMask || image[first + WIDTH - 1] !== 0) {
      continue;
    }
    for (let band = 0; band < WIDTH - 1; band++) {
      image[first + band] = stored(sample[REQUEST.bands[band].source], REQUEST.bands[band]);
    }
    image[first + WIDTH - 1] = tag;
  }
  return image;
}

function updateOutputMetadata(scenes, inputMetadata, outputMetadata) {
  const listed = scenes.orbits || scenes.tiles || [];
  outputMetadata.userData = {
    scenes: listed.map((scene) => ({
      place: placeOf(scene).place,
      time: scene.dateFrom || scene.date,
      tiles: (scene.tiles || [scene]).map((tile) => ({ time: tile.date, path: tile.dataPath, id: tile.shId })),
    })),
  };
}

function stored(value, band) {
  if (!Number.isFinite(value)) {
    return NODATA;
  }
  return Math.min(Math.max(Math.round((value - band.offset) / band.scale), 0), NODATA - 1);
}

// Which wanted scene one of the service's belongs to, -1 for none, and its tag.
function placeOf(scene) {
  const said = scene.dateFrom || scene.date;
  const key = typeof said === "string" ? said : Number(said);
  let found = places.get(key);
  if (found === undefined) {
    const time = new Date(said).getTime();
    found = {
      place: REQUEST.scenes.findIndex((wanted) => wanted.from <= time && time <= wanted.to),
      tag: 1 + Math.floor((time - REQUEST.origin) / REQUEST.tick),
    };
    places.set(key, found);
  }
  return found;
}
