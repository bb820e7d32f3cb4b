// SPDX-License-Identifier: Apache-2.0
#include "sample/sample_options.h"

namespace hctail {
namespace {

using Type = OptionSpec::Type;
constexpr std::string_view kCategory = "Sampling";

const OptionSpec kOptions[] = {
    {.name = "samplerate",
     .short_name = 'r',
     .type = Type::kInteger,
     .metavar = "RATE",
     .default_text = "1",
     .help = "send one in RATE events, each with the weight RATE",
     .category = kCategory,
     .detail = "With --dynsampling it is the average to aim at. An event that arrives with a rate "
               "of its own is sent with the product.",
     .min = 1,
     .max = 1'000'000'000,
     .common = true},
    {.name = "dynsampling",
     .metavar = "FIELD[:BUCKET]",
     .help = "sample kinds of events at rates of their own, a kind being the values of FIELD",
     .repeated = true,
     .category = kCategory,
     .detail = "May be given several times; the order does not matter. FIELD may be a path into "
               "nested objects, such as request.method. A number can be put into a BUCKET: tens, "
               "hundreds, thousands, log2 or log10, as in status:hundreds."},
    {.name = "sampler",
     .type = Type::kChoice,
     .metavar = "static|deterministic|avg|avg-with-min|ema|ema-throughput|per-key-throughput|"
                "total-throughput|windowed-throughput|only-once",
     .help = "how rates are found",
     .category = kCategory,
     .detail =
         "The default is deterministic with --deterministic-sampling, avg-with-min with "
         "--dynsampling, and static otherwise. avg and ema aim at one event in --samplerate, "
         "rare kinds at lower rates than frequent ones; ema follows a moving average and is the "
         "steadier. The throughput samplers aim at --sample-goal events a second: "
         "ema-throughput and total-throughput in all, per-key-throughput of each kind, "
         "windowed-throughput in all over --sample-lookback. only-once sends the first event of "
         "each kind in a window."},
    {.name = "deterministic-sampling",
     .metavar = "FIELD",
     .help = "keep or drop all events with the same FIELD together, on every machine alike",
     .aliases = {"deterministic_sampling"},
     .category = kCategory,
     .detail = "Decides by the SHA-1 of the value, as honeytail does."},
    {.name = "presampled",
     .metavar = "FIELD",
     .help = "events were sampled before, at the rate in FIELD: send them all with that weight",
     .category = kCategory},
    {.name = "keep-all-if",
     .metavar = "CONDITION",
     .help = "keep every event of which CONDITION is true",
     .repeated = true,
     .category = kCategory,
     .detail = "Such as 'status >= 500' or 'error exists'. These come before --drop-if, those "
               "before --sample-rule, and all before --sample-rules; the first that matches "
               "decides."},
    {.name = "drop-if",
     .metavar = "CONDITION",
     .help = "drop every event of which CONDITION is true; it is filtered out and not sampled",
     .repeated = true,
     .category = kCategory},
    {.name = "sample-rule",
     .metavar = "RULE",
     .help = "'RATE if CONDITION', 'keep if CONDITION' or 'drop if CONDITION'",
     .repeated = true,
     .category = kCategory,
     .detail = "Rules are tried in the order in which they are given."},
    {.name = "sample-rules",
     .metavar = "FILE",
     .help = "read rules and samplers from FILE, in the form of Refinery's rules, version 2",
     .category = kCategory,
     .detail = "The part for a dataset is the one of its name, else __default__. What needs a "
               "whole trace is refused."},
    {.name = "sample-rules-target",
     .metavar = "NAME",
     .help = "use the part of --sample-rules called NAME, whatever the dataset",
     .category = kCategory},
    {.name = "dynsample-window",
     .type = Type::kDuration,
     .metavar = "TIME",
     .help = "reckon rates anew after TIME; 30s, but 15s for ema and 1s for windowed-throughput",
     .aliases = {"dynsample_window"},
     .category = kCategory,
     .detail = "0 means the default. The time is that of the events in a backfill and the clock's "
               "otherwise."},
    {.name = "dynsample-minimum",
     .type = Type::kInteger,
     .metavar = "COUNT",
     .default_text = "1",
     .help = "avg-with-min keeps all events while fewer than COUNT come in a second",
     .aliases = {"dynsample_minimum"},
     .category = kCategory,
     .detail = "0 means 50, as in honeytail."},
    {.name = "sample-goal",
     .metavar = "COUNT",
     .help = "events a second for the throughput samplers; 100, or 10 of each kind",
     .category = kCategory},
    {.name = "sample-lookback",
     .type = Type::kDuration,
     .metavar = "TIME",
     .help = "how far back windowed-throughput looks; 30 windows if not given",
     .category = kCategory},
    {.name = "sample-max-keys",
     .type = Type::kInteger,
     .metavar = "COUNT",
     .default_text = "500",
     .help = "remember this many kinds of events; those beyond share one rate",
     .category = kCategory,
     .min = 1,
     .max = 1'000'000},
    {.name = "sample-coin",
     .type = Type::kChoice,
     .metavar = "random|stratified|hash",
     .help = "how it is decided which event of many is kept",
     .category = kCategory,
     .detail = "stratified keeps one of each run of RATE events of a kind, so that counts are "
               "nearly exact; random draws for each event by itself; hash decides by "
               "--sample-coin-field. The default is stratified with --dynsampling and random "
               "otherwise. Use random where lines of one kind come in a fixed pattern."},
    {.name = "sample-coin-field",
     .metavar = "FIELD",
     .help = "the field of --sample-coin hash, such as a trace or user id",
     .category = kCategory},
    {.name = "sample-salt",
     .metavar = "TEXT",
     .help = "mix TEXT into the hash, so as not to repeat the choice of an earlier sampler",
     .category = kCategory,
     .detail = "Machines that are to agree need the same TEXT."},
    {.name = "sample-key-rate",
     .metavar = "KEY=RATE",
     .help = "the static sampler's rate for events whose key is KEY",
     .repeated = true,
     .category = kCategory},
    {.name = "ema-weight",
     .metavar = "NUMBER",
     .default_text = "0.5",
     .help = "how much the last window counts in the moving average, between 0 and 1",
     .category = kCategory},
    {.name = "ema-age-out",
     .metavar = "NUMBER",
     .help = "forget kinds of which fewer events come on average; --ema-weight if not given",
     .category = kCategory},
    {.name = "ema-burst-multiple",
     .metavar = "NUMBER",
     .default_text = "2",
     .help = "reckon rates at once when so many times the expected events have come; -1: never",
     .category = kCategory},
    {.name = "ema-burst-delay",
     .type = Type::kInteger,
     .metavar = "COUNT",
     .default_text = "3",
     .help = "look for bursts only after COUNT windows",
     .category = kCategory,
     .min = 1,
     .max = 1'000'000},
    {.name = "sample-tracestate",
     .metavar = "FIELD",
     .help = "a W3C tracestate whose ot=th tells how an event was sampled before",
     .category = kCategory,
     .detail = "Such an event is thinned out further only as far as its rate demands, instead of "
               "once more by the whole rate."},
    {.name = "sample-meta",
     .type = Type::kFlag,
     .help = "add meta.sampler and meta.sample_key to the events that are sent",
     .category = kCategory},
};

}  // namespace

std::span<const OptionSpec> SampleOptions() { return kOptions; }

}  // namespace hctail
