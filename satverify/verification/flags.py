"""Flags: the findings worth a person's attention, in the form another system takes.

A flag is a CloudEvents 1.0 envelope. Three things identify it, and each has its own use:

* ``data.flag_id`` names the matter: order, site, unit, requirement and window, and nothing that evidence can change.
* ``data.revision`` counts what was said of the matter: raised, updated by new evidence, withdrawn.
* ``id`` names the event, from the flag, its revision and its content. Events with the same ``source`` and ``id`` are
  the same event, so a receiver may drop the second; the same inputs give the same id and the same bytes, and other
  evidence never hides behind an old id, even where the earlier flags were lost.

A run gives the latest event of each flag, the withdrawn ones among them: a flag once raised never vanishes silently.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import pandas as pd

from satverify.domain.findings import Finding, Statement, Verdict
from satverify.domain.looks import USABLE
from satverify.domain.policy import Order
from satverify.domain.sites import Site
from satverify.errors import InputError, Problem

Flag: TypeAlias = dict[str, Any]

FLAG_Q_BOUND = 0.05
"""A finding is flagged while at most this share of such flags is expected to be wrong."""

FLAG_TYPE = "org.satverify.flag"
FLAG_SCHEMA = "urn:satverify:schema:flag-1"
NOT_A_JUDGEMENT = {
    "en": "A finding is what the satellites' looks say of an order. It is not a judgement of guilt.",
    "zh": "本结论仅表示卫星观测与停限产要求是否相符，不构成对企业违法违规的认定。",
}

_HIDDEN = "\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\uffff\ud800-\udfff"
_UNSEEN = re.compile(f"[{_HIDDEN}\U000e0000-\U000e007f]")
_ESCAPED = re.compile(f"[{_HIDDEN}]")
_FORMULA = re.compile(r"^\s*[=+\-@＝＋－＠]")


def raise_flags(
    findings: Sequence[Finding],
    sites: Sequence[Site],
    previous: Sequence[Flag] = (),
    *,
    orders: Sequence[Order] = (),
    last_looks: Mapping[str, datetime] | None = None,
    timezone: str = "UTC",
    q_bound: float = FLAG_Q_BOUND,
    project: str = "",
    simulated: bool = False,
) -> list[Flag]:
    """The latest event of every flag, old and new.

    Parameters
    ----------
    findings
        All findings of the run, q-values filled in.
    sites
        The sites the findings speak of, for their names.
    previous
        What this function gave for the same project before, such as from `parse_flag_lines`.
    orders
        The orders, for the document each comes from; may be left out.
    last_looks
        Time of the last usable look inside the window, by ``finding_id``, as `last_look_times` gives it. Where it is
        missing the event has the time at which the window ends.
    timezone
        IANA name of the sites' local time, in which windows end.
    q_bound
        Findings with a larger q-value are not flagged; recorded in each flag. (0, 1]
    project
        Name of the project, part of ``source``.
    simulated
        Whether the evidence is made up; each flag says so.

    Returns
    -------
    CloudEvents envelopes that the schema ``flag-1`` describes, sorted by ``data.flag_id``; empty for empty inputs.
    """
    by_site = {site.site_id: site for site in sites}
    sources = {order.order_id: order.source for order in orders}
    looked = last_looks or {}
    found = {flag_id_of(finding): finding for finding in findings}
    known = {str(flag["data"]["flag_id"]): flag for flag in previous}
    events: dict[str, Flag] = {}
    for flag_id, finding in found.items():
        if not deserves_flag(finding, q_bound):
            continue
        told = {"simulated": simulated, "q_bound": q_bound}
        facts = told | _facts(finding, by_site.get(finding.site_id), sources.get(finding.order_id, ""))
        moment = looked.get(finding.finding_id) or _midnight(finding.stop, timezone)
        events[flag_id] = _raised(flag_id, facts, moment, known.get(flag_id), _source(project))
    for flag_id, flag in known.items():
        if flag_id not in events:
            now = found.get(flag_id)
            last = None if now is None else looked.get(now.finding_id)
            events[flag_id] = _withdrawn(flag, now, last, q_bound)
    return [events[flag_id] for flag_id in sorted(events)]


def deserves_flag(finding: Finding, q_bound: float = FLAG_Q_BOUND) -> bool:
    """Whether a finding is inconsistent with its order and its q-value is within the bound."""
    return finding.verdict is Verdict.INCONSISTENT and finding.q_value is not None and finding.q_value <= q_bound


def flag_id_of(finding: Finding) -> str:
    """Name of the matter a finding speaks of: the same for every run and whatever the evidence says. 20 hex digits."""
    matter = [finding.order_id, finding.site_id, finding.unit_id, finding.requirement.value]
    return _digest([*matter, finding.start.isoformat(), finding.stop.isoformat()], 20)


def last_look_times(findings: Sequence[Finding], looks: pd.DataFrame) -> dict[str, datetime]:
    """Time of the last usable look inside each finding's window, by ``finding_id``; none where there is no such look.

    ``looks`` has ``LOOK_COLUMNS``.
    """
    usable = looks[looks["quality"].isin([quality.value for quality in USABLE])]
    by_unit = dict(list(usable.groupby(["site_id", "unit_id"], sort=True)))
    times: dict[str, datetime] = {}
    for finding in findings:
        rows = by_unit.get((finding.site_id, finding.unit_id))
        if rows is None:
            continue
        inside = rows["local_day"].between(pd.Timestamp(finding.start), pd.Timestamp(finding.stop), inclusive="left")
        if inside.any():
            times[finding.finding_id] = rows.loc[inside, "time"].max().to_pydatetime()
    return times


def flag_lines(flags: Sequence[Flag]) -> str:
    """The flags as JSON lines, one a line, keys sorted; nothing in them ends a line or hides, Chinese stays legible."""
    return "".join(_json(flag) + "\n" for flag in flags)


def parse_flag_lines(text: str, *, file: str = "flags.jsonl") -> list[Flag]:
    """Read back what `flag_lines` wrote.

    Raises
    ------
    InputError
        With every line that is not a flag.
    """
    flags: list[Flag] = []
    problems: list[Problem] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        flag = _parsed(line)
        if flag is None:
            found = line if len(line) <= 60 else line[:59] + "…"
            problems.append(
                Problem(file=file, where=f"line {number}", expected="a flag of satverify", found=repr(found))
            )
        else:
            flags.append(flag)
    if problems:
        raise InputError(
            "earlier flags cannot be read: mend the file, or move it away to start afresh", problems=problems
        )
    return flags


def _raised(flag_id: str, facts: Flag, moment: datetime, before: Flag | None, source: str) -> Flag:
    """The event that says a finding is flagged; the earlier one itself where nothing changed since."""
    if before is None:
        return _event("raised", flag_id, 1, facts, _utc(moment), source)
    own = facts.keys() - {"q_value"}  # other sites' findings move it: that is no news of this one
    if before["data"]["status"] == "raised" and all(before["data"].get(name) == facts[name] for name in own):
        return before
    action = "raised" if before["data"]["status"] == "withdrawn" else "updated"
    return _event(action, flag_id, before["data"]["revision"] + 1, facts, _utc(moment), source)


def _withdrawn(flag: Flag, now: Finding | None, moment: datetime | None, q_bound: float) -> Flag:
    """The event that takes a flag back and says why; the earlier one itself where it already did."""
    data = flag["data"]
    if data["status"] == "withdrawn":
        return flag
    facts = {name: value for name, value in data.items() if name not in ("flag_id", "revision", "status")}
    facts["withdrawal"] = _withdrawal(now, q_bound)
    facts["reply"] = {**facts["reply"], "state": "not_needed"}
    last = flag["time"] if moment is None else max(flag["time"], _utc(moment))
    return _event("withdrawn", data["flag_id"], data["revision"] + 1, facts, last, flag["source"])


def _withdrawal(now: Finding | None, q_bound: float) -> Flag:
    """Why a flag is taken back, and what is said instead."""
    if now is None:
        return {"code": "no_such_order", "verdict": None, "p_met": None, "q_value": None}
    code = "verdict_changed" if now.verdict is not Verdict.INCONSISTENT else "q_value_above_bound"
    facts = {"code": code, "verdict": now.verdict.value, "p_met": _short(now.p_met), "q_value": _short(now.q_value)}
    return facts if code == "verdict_changed" else {**facts, "q_bound": q_bound}


def _event(action: str, flag_id: str, revision: int, facts: Flag, moment: str, source: str) -> Flag:
    """One CloudEvents envelope."""
    status = "withdrawn" if action == "withdrawn" else "raised"
    data = {"flag_id": flag_id, "revision": revision, "status": status, **facts}
    return {
        "specversion": "1.0",
        "id": f"{flag_id}-{revision}-{_digest([action, moment, data], 8)}",
        "source": source,
        "type": f"{FLAG_TYPE}.{action}",
        "subject": f"site/{_percent(facts['site']['site_id'])}/unit/{_percent(facts['unit_id'])}",
        "time": moment,
        "datacontenttype": "application/json",
        "dataschema": FLAG_SCHEMA,
        "data": data,
    }


def _facts(finding: Finding, site: Site | None, order_source: str) -> Flag:
    """What the flag says of the matter, without identity and history."""
    days = finding.running_days
    city = shown(site.city) if site else ""
    return {
        "finding_id": finding.finding_id,
        "order": {"order_id": finding.order_id, "source": shown(order_source)},
        "site": {
            "site_id": finding.site_id,
            "name": shown(site.name) if site else "",
            "name_zh": shown(site.name_zh) if site else "",
            "city": city,
        },
        "unit_id": finding.unit_id,
        "requirement": finding.requirement.value,
        "window": {"start": finding.start.isoformat(), "stop": finding.stop.isoformat()},
        "verdict": finding.verdict.value,
        "p_met": _short(finding.p_met),
        "p_met_range": [_short(end) for end in finding.p_met_range],
        "q_value": _short(finding.q_value),
        "tier": finding.tier.value,
        "running_days": days
        and {"low": days.low, "median": days.median, "high": days.high, "level": _short(days.level)},
        "looks": {
            "clear": finding.looks.clear,
            "hot": finding.looks.hot,
            "cold": finding.looks.cold,
            "unusable": finding.looks.unusable,
            "by_sensor": dict(finding.looks.by_sensor),
        },
        "reasons": [_statement(reason) for reason in finding.reasons],
        "alternatives": [_statement(alternative) for alternative in finding.alternatives],
        "reply": {"owner": city, "due": None, "state": "awaited"},
        "statement": NOT_A_JUDGEMENT,
    }


def shown(name: str) -> str:
    """A name as it may be shown anywhere: nothing invisible in it, and no spreadsheet takes it for a formula."""
    visible = " ".join(_UNSEEN.sub(" ", name).split())
    return f"'{visible}" if _FORMULA.match(visible) else visible


def _statement(statement: Statement) -> Flag:
    values = {name: shown(value) if isinstance(value, str) else value for name, value in statement.values}
    return {"code": statement.code, "values": values}


def _short(number: float | None) -> float | None:
    """Three digits: more would call rounding new evidence."""
    return None if number is None else float(f"{number:.3g}")


def _midnight(day: date, timezone: str) -> datetime:
    return datetime.combine(day, time(), tzinfo=ZoneInfo(timezone))


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _source(project: str) -> str:
    return f"urn:satverify:project:{_percent(project) or 'unnamed'}"


def _percent(text: str) -> str:
    """The text as part of a URI: all but unreserved ASCII percent-encoded (RFC 3986, section 2.3)."""
    kept = re.compile(rb"[A-Za-z0-9._~-]")
    octets = (bytes([octet]) for octet in text.encode("utf-8", "surrogatepass"))
    return "".join(octet.decode() if kept.match(octet) else f"%{octet[0]:02X}" for octet in octets)


def _json(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, allow_nan=False, separators=(", ", ": "))
    return _ESCAPED.sub(lambda hidden: f"\\u{ord(hidden.group()):04x}", text)


def _digest(value: object, digits: int) -> str:
    return hashlib.sha256(_json(value).encode()).hexdigest()[:digits]


def _parsed(line: str) -> Flag | None:
    """The flag on a line, or none where there is no flag on it."""
    try:
        flag = json.loads(line)
        data = flag["data"]
        texts = (flag["id"], flag["source"], flag["time"], data["flag_id"], data["site"]["site_id"], data["unit_id"])
        whole = all(isinstance(text, str) for text in texts) and isinstance(data["reply"], dict)
        known = flag["dataschema"] == FLAG_SCHEMA and data["status"] in ("raised", "withdrawn")
        return flag if whole and known and type(data["revision"]) is int else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
