"""The page that tells a visitor what this is and how to use it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from string import Template

from satverify import __version__
from satverify.emulator.auth import TOKEN_PATHS
from satverify.emulator.catalogue.pages import CATALOG_PATH
from satverify.emulator.faults.plan import FaultKind

TEMPLATE = Path(__file__).with_name("documentation.html")
ENDPOINTS = (
    (
        f"POST {TOKEN_PATHS[0]}",
        f"Tokens, by client credentials in a form; also at {TOKEN_PATHS[1]} and {TOKEN_PATHS[2]}",
    ),
    (f"GET {CATALOG_PATH}/", "Catalogue: landing page, conformance, collections, queryables, items"),
    (
        f"POST {CATALOG_PATH}/search",
        "Search, also by GET: paging, limit, ids, bbox, intersects, CQL2, distinct, fields",
    ),
    ("POST /api/v1/process", "Images by evalscript: JSON or multipart; TIFF, PNG, JPEG, JSON or tar"),
    ("POST /api/v1/statistics", "Statistics by evalscript and interval"),
    ("GET /emulator/log", "Everything that was asked and what came of it; DELETE forgets it"),
    ("GET /emulator/ledger", "What was spent, by interface and collection, and what was bought twice"),
    ("PUT /emulator/clock", "Time at which the archive is seen: what is published later is not there yet"),
    ("PUT /emulator/faults", "What goes wrong from now on; GET shows it"),
)
CURL = """\
token=$(curl -s {url}{token} \\
  -d grant_type=client_credentials -d client_id=me -d client_secret=anything | jq -r .access_token)

curl -s {url}{catalog}/search \\
  -H "Authorization: Bearer $token" -H 'Content-Type: application/json' -d '{{
  "collections": ["{collection}"], "bbox": [118.4, 39.8, 118.6, 40.0],
  "datetime": "2022-01-01T00:00:00Z/2022-01-31T23:59:59Z", "limit": 5}}'"""
PYTHON = """\
import os
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"

from sentinelhub import BBox, CRS, DataCollection, SentinelHubCatalog, SHConfig

url = "{url}"
config = SHConfig(
    use_defaults=True, sh_client_id="me", sh_client_secret="anything", sh_base_url=url,
    sh_token_url=url + "{token}",
)
collection = DataCollection.SENTINEL2_L1C.define_from("EMULATED_S2L1C", service_url=url)
search = SentinelHubCatalog(config).search(
    collection, bbox=BBox((118.4, 39.8, 118.6, 40.0), CRS.WGS84), time=("2022-01-01", "2022-01-31")
)
print(search.get_timestamps())"""
FAULT_PLAN = """\
{"seed": 7, "faults": [
  {"kind": "rate_limit", "on": ["process"], "start": 20, "stop": 40, "retry_after": "5.5"},
  {"kind": "server_error", "probability": 0.1, "attempts": 2},
  {"kind": "broken_product", "collection": "sentinel-3-slstr", "day": "2022-01-05"}]}"""


def page(base_url: str, collections: Sequence[str]) -> str:
    """The page as HTML, self-contained.

    Parameters
    ----------
    base_url
        Address under which the visitor came, without a final slash.
    collections
        Names of what is served.
    """
    filled = {"url": base_url, "token": TOKEN_PATHS[0], "catalog": CATALOG_PATH}
    rows = (f"<tr><td><code>{escape(path)}</code></td><td>{escape(what)}</td></tr>" for path, what in ENDPOINTS)
    names = ", ".join(f"<code>{escape(name)}</code>" for name in collections) or "none"
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        version=escape(__version__),
        base_url=escape(base_url),
        endpoints="\n".join(rows),
        collections=names,
        curl=escape(CURL.format(**filled, collection=collections[0] if collections else "sentinel-2-l1c")),
        python=escape(PYTHON.format(**filled)),
        fault_plan=escape(FAULT_PLAN),
        fault_kinds=", ".join(f"<code>{kind}</code>" for kind in FaultKind),
    )
