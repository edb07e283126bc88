"""Vector formats other than GeoJSON: GeoPackage, Shapefile and KML through GDAL, GeoParquet through Arrow."""

from __future__ import annotations

import codecs
import json
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import shapely

from satverify.errors import InputError
from satverify.registry.features import Feature, FeatureTable, place_of
from satverify.registry.files import file_bytes, unreadable
from satverify.registry.problems import Ledger

MAGIC = {".gpkg": b"SQLite format 3\x00", ".shp": b"\x00\x00\x27\x0a", ".zip": b"PK", ".parquet": b"PAR1"}
"""What a file of the kind begins with. Checked before GDAL sees it, since GDAL goes by content and some of its formats
fetch what they name from the network."""

KML_OWN = frozenset(
    {
        "Name",
        "Description",
        "id",
        "description",
        "timestamp",
        "begin",
        "end",
        "altitudeMode",
        "tessellate",
        "extrude",
        "visibility",
        "drawOrder",
        "icon",
        "snippet",
    }
)
"""Columns that GDAL adds to every KML layer: shown on maps, but no data of ours. ``Name`` stands for ``name``."""


def read_vector(path: Path, ledger: Ledger) -> FeatureTable:
    """All features of a GeoPackage, Shapefile, zipped Shapefile or KML file; all layers, in the order of the file.

    Raises
    ------
    InputError
        Where the file is not what its name says, or cannot be read.
    """
    _check_magic(path)
    with _gdal_errors(path):
        import pyogrio

        source, encoding = _source_and_encoding(path)
        layers = [str(name) for name, _ in pyogrio.list_layers(source)]
        tables = [_layer(path, source, layer, encoding, ledger, several=len(layers) > 1) for layer in layers]
    features = tuple(feature for table in tables for feature in table.features)
    systems = sorted({table.crs for table in tables if table.crs is not None and table.features})
    if len(systems) > 1:
        raise unreadable(
            path, "layers", "one coordinate system for all layers", ", ".join(name[:40] for name in systems)
        )
    return FeatureTable(features=features, crs=systems[0] if systems else None)


def read_geoparquet(path: Path, ledger: Ledger) -> FeatureTable:
    """All features of a GeoParquet file whose geometry is stored as WKB.

    Raises
    ------
    InputError
        Where the file is no GeoParquet.
    """
    _check_magic(path)
    import pyarrow
    import pyarrow.parquet

    try:
        table = pyarrow.parquet.read_table(path)
        about = json.loads((table.schema.metadata or {}).get(b"geo", b"null"))
        column = about["primary_column"]
        crs = about["columns"][column].get("crs", "OGC:CRS84")
        rows = table.to_pylist()
        shapes = [row.pop(column) for row in rows]
    except (pyarrow.ArrowException, OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError) as exc:
        raise unreadable(path, "file", "GeoParquet with WKB geometry", _first_line(exc)) from exc
    named = json.dumps(crs) if isinstance(crs, dict) else crs
    return FeatureTable(features=_features(rows, shapes, ledger), crs=named)


def _check_magic(path: Path) -> None:
    content = file_bytes(path)
    suffix = path.suffix.lower()
    is_right = b"<kml" in content[:4096] if suffix == ".kml" else content.startswith(MAGIC[suffix])
    if not is_right:
        raise unreadable(path, "file", f"a {suffix[1:]} file", f"one that begins {content[:12]!r}")


@contextmanager
def _gdal_errors(path: Path) -> Iterator[None]:
    """What GDAL has to say becomes one of our errors, or silence where it is only a warning."""
    from pyogrio.errors import DataLayerError, DataSourceError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except InputError:
        raise
    except UnboundLocalError as exc:  # pyogrio 0.13 on a coordinate system that GDAL cannot write out as text
        raise unreadable(path, "coordinate system", "one that GDAL can read", "a damaged one") from exc
    except (DataSourceError, DataLayerError, zipfile.BadZipFile, ValueError, RuntimeError, OSError) as exc:
        raise unreadable(path, "file", f"a readable {path.suffix[1:]} file", _first_line(exc)) from exc


def _layer(path: Path, source: str, layer: str, encoding: str | None, ledger: Ledger, *, several: bool) -> FeatureTable:
    from pyogrio.raw import read

    about, _, shapes, values = read(source, layer=layer, encoding=encoding, force_2d=True)
    columns = [str(name) for name in about["fields"]]
    if path.suffix.lower() == ".kml":
        columns = ["name" if name == "Name" else name for name in columns]
    kept = [index for index, name in enumerate(columns) if not (path.suffix.lower() == ".kml" and name in KML_OWN)]
    count = len(values[0]) if len(values) else 0 if shapes is None else len(shapes)
    place = layer if several else ""
    rows = [{columns[index]: _plain(values[index][row]) for index in kept} for row in range(count)]
    wkb = [None] * count if shapes is None else list(shapes)
    return FeatureTable(features=_features(rows, wkb, ledger, layer=place), crs=about["crs"])


def _features(
    rows: Sequence[Mapping[str, object]], wkb: Sequence[bytes | None], ledger: Ledger, layer: str = ""
) -> tuple[Feature, ...]:
    """Features of rows and their geometries; a geometry that cannot be decoded is noted."""
    features = []
    for number, (row, content) in enumerate(zip(rows, wkb, strict=True), start=1):
        where, geometry, is_broken = place_of(number, layer), None, False
        try:
            geometry = None if content is None else shapely.from_wkb(content)
        except (shapely.errors.GEOSException, TypeError):
            ledger.error(f"{where} (geometry)", "a geometry", "one that cannot be decoded")
            is_broken = True
        features.append(Feature(where=where, properties=row, geometry=geometry, is_broken=is_broken))
    return tuple(features)


def _plain(value: object) -> object:
    """A numpy value as a plain one; missing values of every sort as None."""
    if isinstance(value, np.datetime64):
        return None if np.isnat(value) else str(value)
    plain = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(plain, float) and np.isnan(plain) else plain


def _source_and_encoding(path: Path) -> tuple[str, str | None]:
    """What GDAL opens, and the encoding of its texts where GDAL cannot know it."""
    if path.suffix.lower() == ".shp":
        return str(path), _dbf_encoding(_beside(path, ".dbf"), _beside(path, ".cpg"))
    if path.suffix.lower() != ".zip":
        return str(path), None
    with zipfile.ZipFile(path) as archive:
        members = {name.lower(): name for name in archive.namelist() if not name.startswith("__MACOSX")}
        shapefiles = [name for name in sorted(members) if name.endswith(".shp")]
        if len(shapefiles) != 1:
            raise unreadable(path, "zip archive", "exactly one .shp file", f"{len(shapefiles)}")
        stem = shapefiles[0].removesuffix(".shp")
        parts = [archive.read(members[stem + end]) if stem + end in members else b"" for end in (".dbf", ".cpg")]
        return f"/vsizip/{{{path.absolute()}}}/{members[shapefiles[0]]}", _dbf_encoding(*parts)


def _beside(path: Path, suffix: str) -> bytes:
    """Content of a Shapefile's other part; nothing where there is none."""
    twins = (path.with_suffix(suffix), path.with_suffix(suffix.upper()))
    return next((twin.read_bytes() for twin in twins if twin.is_file()), b"")


def _dbf_encoding(table: bytes, declared: bytes) -> str:
    """Encoding of a dBase table: UTF-8 where its bytes are, else what the .cpg file says, else GB18030."""
    header = int.from_bytes(table[8:10], "little")
    candidates = ["utf-8", declared.decode("ascii", "replace").strip(), "gb18030"]
    for name in candidates:
        try:
            table[header:].decode(codecs.lookup(name).name)
        except (LookupError, UnicodeDecodeError, ValueError):
            continue
        return name
    return "gb18030"


def _first_line(exc: Exception) -> str:
    return (str(exc) or type(exc).__name__).splitlines()[0][:160]
