"""Where the data files that come with satverify lie: in a checkout, an editable installation or a wheel."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def resource_path(*parts: str) -> Path:
    """Return the path of a file or folder that ships with satverify.

    Parameters
    ----------
    parts
        Path below the package, such as ``"aoi", "policies"``. In a checkout ``satverify/aoi`` is a link to ``aoi``.

    Raises
    ------
    FileNotFoundError
        Where it is not there: the installation is not whole.

    Examples
    --------
    >>> resource_path("aoi", "README.md").is_file()
    True
    """
    path = PACKAGE.joinpath(*parts)
    if not path.exists():
        raise FileNotFoundError(f"satverify's own {'/'.join(parts)} is missing: looked for {path}")
    return path
