import re

from frontend.pictures import Bar, Mark, Step, bars, distribution, stacked, waterfall


def widths(svg: str) -> list[int]:
    return [int(w) for w in re.findall(r'class="tone-\w+" x="\d+" y="\d+" width="(\d+)"', svg)]


def test_the_longest_bar_fills_the_picture_and_the_smallest_is_still_seen():
    drawn = bars(
        title="Pay by country",
        rows=[
            Bar(label="MG", value=1000, text="10 €"),
            Bar(label="SN", value=500, text="5 €"),
            Bar(label="FR", value=1, text="0.01 €"),
        ],
    )

    assert widths(drawn) == [360, 180, 1]


def test_a_picture_says_the_same_in_words_and_in_a_table():
    drawn = bars(title="Pay", rows=[Bar(label="Madagascar", value=1, text="10 €")])

    assert 'role="img" aria-label="Pay. Madagascar: 10 €"' in drawn
    assert '<th scope="row">Madagascar</th><td class="number">10 €</td>' in drawn


def test_a_waterfall_hangs_each_step_where_the_one_before_ended():
    drawn = waterfall(
        title="Where a euro goes",
        steps=[
            Step(label="Revenue", amount=100, text="100", total=True),
            Step(label="Reserve", amount=-25, text="−25"),
            Step(label="Labour pool", amount=75, text="75", total=True),
        ],
    )

    assert re.findall(r'class="tone-\w+" x="(\d+)" y="\d+" width="(\d+)"', drawn) == [
        ("0", "360"),
        ("270", "90"),
        ("0", "270"),
    ]


def test_the_parts_of_a_stacked_bar_meet_without_gap():
    parts = [Bar(label=str(n), value=v, text=str(v)) for n, v in enumerate([3, 3, 1])]
    drawn = stacked(title="Vote", parts=parts, marks=[Mark(label="quorum", value=2)], of=12)

    spans = [(int(x), int(w)) for x, w in re.findall(r'class="tone-\w+" x="(\d+)" y="18" width="(\d+)"', drawn)]
    assert spans == [(0, 90), (90, 90), (180, 30)]
    assert "quorum" in drawn


def test_nothing_is_drawn_as_nothing_and_names_are_escaped():
    drawn = distribution(title="<b>", rows=[Bar(label="<script>", value=0, text="0")])

    assert "<script>" not in drawn and "&lt;script&gt;" in drawn
    assert 'height="0"' in drawn
    assert bars(title="Empty", rows=[])
