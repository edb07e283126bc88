"""Names of real products."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from satverify.sources.sentinelhub.product_ids import Named, named


@pytest.mark.parametrize(
    ("product_id", "expected"),
    [
        (
            "S2A_MSIL2A_20210125T073201_N0500_R049_T39TWK_20230528T024029.SAFE",
            Named(
                platform="sentinel-2a",
                time=datetime(2021, 1, 25, 7, 32, 1, tzinfo=UTC),
                relative_orbit=49,
                product_type="MSIL2A",
                processing_baseline="05.00",
            ),
        ),
        (
            "S3A_SL_1_RBT____20210930T220914_20210930T221214_20211002T063250_0180_077_043_5400_LN2_O_NT_004.SEN3",
            Named(
                platform="sentinel-3a",
                time=datetime(2021, 9, 30, 22, 9, 14, tzinfo=UTC),
                relative_orbit=43,
                product_type="SL_1_RBT",
                processing_baseline="004",
            ),
        ),
        (
            "S3A_SL_1_RBT_20210930T220914_20210930T221214_0180_077_043_5400",
            Named(
                platform="sentinel-3a",
                time=datetime(2021, 9, 30, 22, 9, 14, tzinfo=UTC),
                relative_orbit=43,
                product_type="SL_1_RBT",
            ),
        ),
        (
            "S5P_OFFL_L2__NO2____20200303T013547_20200303T031717_12367_01_010302_20200306T053815.nc",
            Named(
                platform="sentinel-5p",
                time=datetime(2020, 3, 3, 1, 35, 47, tzinfo=UTC),
                absolute_orbit=12367,
                product_type="NO2",
                timeliness="OFFL",
                processing_baseline="01.03.02",
            ),
        ),
        (
            "S5P_RPRO_L2__CLOUD__20200303T013547_20200303T031717_12367_03_020401_20221105T000000",
            Named(
                platform="sentinel-5p",
                time=datetime(2020, 3, 3, 1, 35, 47, tzinfo=UTC),
                absolute_orbit=12367,
                product_type="CLOUD",
                timeliness="RPRO",
                processing_baseline="02.04.01",
            ),
        ),
        (
            "LC08_L1TP_123032_20211104_20211109_02_T1",
            Named(platform="landsat-8", product_type="L1TP", processing_baseline="02"),
        ),
        ("S2A_T46RER_20210908T043714_L1C", Named()),
        (
            "S2A_MSIL1C_20219925T073201_N0500_R049_T39TWK_x",
            Named(platform="sentinel-2a", relative_orbit=49, product_type="MSIL1C", processing_baseline="05.00"),
        ),
        ("", Named()),
    ],
)
def test_names_say_what_they_say(product_id: str, expected: Named) -> None:
    assert named(product_id) == expected
