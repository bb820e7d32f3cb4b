# SPDX-License-Identifier: Apache-2.0
"""Sampling: fewer events, the same counts."""
import json

from harness import expect, expect_equal, main


def sent(hctail):
    return [json.loads(line) for line in hctail.out.splitlines()]


def test_the_weights_add_up(t):
    """One in ten is sent, with the weight ten."""
    t.write_lines("app.log", 1000)
    events = sent(t.run("--backfill", "-f", "app.log", "--output", "stdout", "-r", "10", api=False))
    expect(50 < len(events) < 200, f"{len(events)} events")
    expect_equal({event["samplerate"] for event in events}, {10}, "rates")


def test_rules_come_first(t):
    """What a rule keeps has the weight one; what a rule drops is filtered, not sampled out."""
    t.write("app.log", '{"status":200}\n' * 300 + '{"status":500}\n' * 5 + '{"debug":true}\n' * 7)
    hctail = t.run("--backfill", "-f", "app.log", "--output", "stdout", "-r", "1000",
                   "--keep-all-if", "status >= 500", "--drop-if", "debug exists", api=False)
    events = sent(hctail)
    kept = [event for event in events if event["data"].get("status") == 500]
    expect_equal(len(kept), 5, "events of status 500")
    expect_equal({event["samplerate"] for event in kept}, {1}, "their weight")
    expect("7 filtered" in hctail.err, hctail.err)


def test_rare_kinds_are_not_lost(t):
    """Dynamic sampling keeps something of every kind, and the weights still add up."""
    t.write("app.log", "".join(
        '{"time":"2024-03-05T06:%02d:%02dZ","kind":"%s"}\n' % (i // 60 % 60, i % 60,
                                                              "rare" if i % 100 == 0 else "common")
        for i in range(3600)))
    events = sent(t.run("--backfill", "-f", "app.log", "--output", "stdout", "-r", "10",
                        "--dynsampling", "kind", "--dynsample_minimum", "1", "--sampler", "ema",
                        api=False))
    weights = {"rare": 0, "common": 0}
    for event in events:
        weights[event["data"]["kind"]] += event["samplerate"]
    expect(len(events) < 1800, f"{len(events)} events")
    expect(18 <= weights["rare"] <= 72, f"weights: {weights}")
    expect(2800 <= weights["common"] <= 4300, f"weights: {weights}")


def test_a_wrong_sampler_is_an_error(t):
    """Before anything is read."""
    t.write_lines("app.log", 1)
    hctail = t.run("-f", "app.log", "--sampler", "emma", code=2)
    expect("emma" in hctail.err and "--sampler" in hctail.err, hctail.err)


main()
