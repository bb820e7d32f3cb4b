// SPDX-License-Identifier: Apache-2.0
#include "sample/sampling_policy.h"

#include <algorithm>

#include "sample/sample_options.h"

namespace hctail {
namespace {

using Outcome = Decision::Outcome;
constexpr Timestamp kNow{1'709'618'828, 0};

Timestamp After(int64_t seconds) { return {kNow.seconds + seconds, 0}; }

std::unique_ptr<SamplingPolicy> Policy(
    const std::map<std::string, std::vector<std::string>>& given) {
  OptionValues values;
  for (const auto& [name, texts] : given) values.Set(name, texts);
  auto config = MakeSampleConfig(values);
  REQUIRE_MESSAGE(config.has_value(), (config ? "" : config.error().message));
  return std::make_unique<SamplingPolicy>(std::move(*config), 1);
}

TEST_CASE("Decide: without options every event is kept at the rate it came with") {
  const auto policy = Policy({});
  CHECK_FALSE(policy->active());
  const auto worker = policy->NewWorker();
  Event event;
  event.sample_rate = 7;
  const Decision decision = worker->Decide("d", event, kNow);
  CHECK(decision.outcome == Outcome::kKeep);
  CHECK(decision.rate == 7);
  CHECK(decision.sampler.empty());
}

TEST_CASE("Decide: the rate an event came with multiplies") {
  const auto policy = Policy({{"samplerate", {"20"}}, {"sample-coin", {"stratified"}}});
  const auto worker = policy->NewWorker();
  Event event;
  event.sample_rate = 3;
  int kept = 0;
  for (int i = 0; i < 2000; ++i) {
    const Decision decision = worker->Decide("d", event, kNow);
    CHECK(decision.rate == 60);
    CHECK(decision.sampler == "static");
    kept += decision.outcome == Outcome::kKeep ? 1 : 0;
  }
  CHECK(kept == 100);
  event.sample_rate = UINT64_MAX;
  CHECK(worker->Decide("d", event, kNow).rate == INT64_MAX);
}

TEST_CASE("Decide: rules come before the sampler, and the first that matches decides") {
  const auto policy = Policy({{"samplerate", {"1000000"}},
                              {"keep-all-if", {"status >= 500"}},
                              {"drop-if", {"path = /health"}},
                              {"sample-rule", {"2 if status = 404"}}});
  const auto worker = policy->NewWorker();
  Event event;
  event.Add("status", Value::Int(503));
  event.Add("path", Value::String("/health"));
  Decision decision = worker->Decide("d", event, kNow);
  CHECK(decision.outcome == Outcome::kKeep);
  CHECK(decision.rate == 1);
  CHECK(decision.sampler == "keep-all-if status >= 500");
  event.Set("status", Value::Int(404));
  CHECK(worker->Decide("d", event, kNow).outcome == Outcome::kFiltered);
  event.Set("path", Value::String("/"));
  decision = worker->Decide("d", event, kNow);
  CHECK(decision.rate == 2);
  CHECK(decision.sampler == "rule 2 if status = 404");
  event.Set("status", Value::Int(200));
  CHECK(worker->Decide("d", event, kNow).rate == 1'000'000);
}

TEST_CASE("Decide: what was sampled before is not sampled again") {
  const auto policy = Policy({{"samplerate", {"1000000"}}, {"drop-if", {"noise = true"}}});
  const auto worker = policy->NewWorker();
  Event event;
  event.sample_rate = 12;
  event.presampled = true;
  Decision decision = worker->Decide("d", event, kNow);
  CHECK(decision.outcome == Outcome::kKeep);
  CHECK(decision.rate == 12);
  CHECK(decision.sampler == "presampled");
  event.Add("noise", Value::Bool(true));
  CHECK(worker->Decide("d", event, kNow).outcome == Outcome::kFiltered);
}

TEST_CASE("Decide: --presampled takes any number, and what is none is 1") {
  const auto policy = Policy({{"presampled", {"rate"}}});
  const auto worker = policy->NewWorker();
  const std::pair<Value, uint64_t> cases[] = {
      {Value::Int(12), 12},        {Value::Float(12.9), 12}, {Value::String("12"), 12},
      {Value::RawJson("12"), 12},  {Value::Int(0), 1},       {Value::Int(-1), 1},
      {Value::String("often"), 1}, {Value::Null(), 1},       {Value::RawJson("1e300"), INT64_MAX},
  };
  for (const auto& [value, rate] : cases) {
    Event event;
    event.Add("rate", value);
    const Decision decision = worker->Decide("d", event, kNow);
    CHECK(decision.outcome == Outcome::kKeep);
    CHECK(decision.rate == rate);
  }
  CHECK(worker->Decide("d", Event(), kNow).rate == 1);
}

TEST_CASE("Decide: --deterministic-sampling decides as honeytail does, whatever the value's type") {
  const auto policy = Policy({{"samplerate", {"2"}}, {"deterministic-sampling", {"id"}}});
  const auto worker = policy->NewWorker();
  for (const Value& value : {Value::String("d"), Value::RawJson("\"d\"")}) {
    Event event;
    event.Add("id", value);
    CHECK(worker->Decide("x", event, kNow).outcome == Outcome::kKeep);
    CHECK(worker->Decide("x", event, kNow).rate == 2);
  }
  Event dropped;
  dropped.Add("id", Value::String("a"));
  CHECK(worker->Decide("x", dropped, kNow).outcome == Outcome::kSampledOut);
  Event number;
  number.Add("id", Value::Int(7));
  Event text;
  text.Add("id", Value::String("7"));
  CHECK(worker->Decide("x", number, kNow).outcome == worker->Decide("x", text, kNow).outcome);
}

TEST_CASE("Decide: files and workers share a dataset's sampler, and datasets do not") {
  const auto policy =
      Policy({{"samplerate", {"10"}}, {"dynsampling", {"k"}}, {"sampler", {"avg"}}});
  const auto one = policy->NewWorker();
  const auto two = policy->NewWorker();
  const auto event = [](const char* key) {
    Event keyed;
    keyed.Add("k", Value::String(key));
    return keyed;
  };
  const Event a = event("a");
  const Event d = event("d");
  for (int i = 0; i < 500; ++i) {
    one->Decide("app", d, kNow);
    two->Decide("app", d, kNow);
    if (i < 100) one->Decide("app", event("c"), kNow);
    if (i < 10) two->Decide("app", event("b"), kNow);
  }
  one->Decide("app", a, kNow);
  one->Flush();
  two->Flush();
  one->Decide("app", a, After(30));
  const Decision decision = two->Decide("app", d, After(30));
  CHECK(decision.rate == 15);
  CHECK(decision.key == "d");
  CHECK(decision.sampler == "avg");
  CHECK(two->Decide("other", a, After(30)).rate == 10);  // it has no data yet
}

TEST_CASE("Decide: any number of datasets is served by a bounded number of samplers") {
  const auto policy = Policy({{"samplerate", {"10"}}});
  const auto worker = policy->NewWorker();
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 1000; ++i) worker->Decide("d" + std::to_string(i), Event(), kNow);
  }
  worker->Flush();
  // A line for each.
  CHECK(std::ranges::count(policy->Explain(0), '\n') == SamplingPolicy::kMaxDatasets + 1);
}

TEST_CASE("Decide: an event that was thinned out before is thinned out only as far as needed") {
  const auto policy = Policy({{"samplerate", {"20"}}, {"sample-tracestate", {"tracestate"}}});
  const auto worker = policy->NewWorker();
  Event event;
  event.Add("tracestate", Value::String("ot=th:c"));  // 1 in 4
  int kept = 0;
  for (int i = 0; i < 20'000; ++i) {
    const Decision decision = worker->Decide("d", event, kNow);
    CHECK(decision.rate == 20);
    kept += decision.outcome == Outcome::kKeep ? 1 : 0;
  }
  CHECK(kept == doctest::Approx(4000).epsilon(0.1));
}

TEST_CASE("Decide: without a sampler, what an event's tracestate says is its weight") {
  const auto policy = Policy({{"sample-tracestate", {"tracestate"}}});
  CHECK(policy->active());
  const auto worker = policy->NewWorker();
  Event event;
  event.Add("tracestate", Value::String("ot=th:c"));
  const Decision decision = worker->Decide("d", event, kNow);
  CHECK(decision.outcome == Outcome::kKeep);
  CHECK(decision.rate == 4);
}

TEST_CASE("Save: rates that come from the options are not kept against them") {
  const auto policy = Policy({{"samplerate", {"10"}},
                              {"dynsampling", {"k"}},
                              {"sampler", {"static"}},
                              {"sample-key-rate", {"a=3"}}});
  const auto worker = policy->NewWorker();
  Event event;
  event.Add("k", Value::String("a"));
  CHECK(worker->Decide("d", event, kNow).rate == 3);
  worker->Flush();
  CHECK(policy->Save() == "hctail-sampling 1\n");
}

TEST_CASE("AddMeta: says who decided and by which key, if it was asked for") {
  Event event;
  event.Add("k", Value::String("a"));
  const auto silent = Policy({{"samplerate", {"10"}}, {"dynsampling", {"k"}}});
  const auto one = silent->NewWorker();
  one->AddMeta(one->Decide("d", event, kNow), &event);
  CHECK(event.fields().size() == 1);
  const auto policy =
      Policy({{"samplerate", {"10"}}, {"dynsampling", {"k"}}, {"sample-meta", {"true"}}});
  const auto worker = policy->NewWorker();
  worker->AddMeta(worker->Decide("d", event, kNow), &event);
  REQUIRE(event.Find("meta.sampler") != nullptr);
  CHECK(event.Find("meta.sampler")->text() == "avg-with-min");
  CHECK(event.Find("meta.sample_key")->text() == "a");
}

TEST_CASE("Save and Restore: text lines bring the rates back") {
  const std::map<std::string, std::vector<std::string>> options = {
      {"samplerate", {"10"}}, {"dynsampling", {"k"}}, {"sampler", {"ema"}}};
  const auto policy = Policy(options);
  const auto worker = policy->NewWorker();
  Event a;
  a.Add("k", Value::String("a b%\n"));
  Event b;
  b.Add("k", Value::String(""));
  for (int i = 0; i < 100; ++i) worker->Decide("my app", a, kNow);
  for (int i = 0; i < 10; ++i) worker->Decide("my app", b, kNow);
  const uint64_t rate = worker->Decide("my app", a, After(15)).rate;
  worker->Flush();
  const std::string state = policy->Save();
  CHECK(state.starts_with("hctail-sampling 1\nsampler my%20app ema(k)ema "));
  CHECK(state.find(" a%20b%25%0a\n") != std::string::npos);

  const auto after = Policy(options);
  REQUIRE(after->Restore(state).has_value());
  CHECK(after->Save() == state);  // nothing is lost before the dataset comes
  const auto next = after->NewWorker();
  CHECK(next->Decide("my app", a, After(1000)).rate == rate);
  next->Flush();
  CHECK(next->Decide("another", a, After(1000)).rate == 10);

  // Other fields, other keys: the rates mean nothing.
  auto changed = options;
  changed["dynsampling"] = {"other"};
  const auto other = Policy(changed);
  REQUIRE(other->Restore(state).has_value());
  CHECK(other->NewWorker()->Decide("my app", a, After(1000)).rate == 10);
}

TEST_CASE("Restore: text that is not a state is refused and changes nothing") {
  const auto policy = Policy({{"samplerate", {"10"}}});
  for (const char* text :
       {"hctail-sampling 2\n", "x", "hctail-sampling 1", "hctail-sampling 1\nkey 1 1 1 a\n",
        "hctail-sampling 1\nsampler a\n", "hctail-sampling 1\nsampler a b x\n",
        "hctail-sampling 1\nsampler a b 1\nkey -1 1 1 a\n",
        "hctail-sampling 1\nsampler a b 1\nkey 1 nan 1 a\n",
        "hctail-sampling 1\nsampler a b 1\nkey 1 1 1 %zz\n",
        "hctail-sampling 1\nsampler a b 1\nkey 1 1 1 a"}) {
    CAPTURE(text);
    CHECK_FALSE(policy->Restore(text).has_value());
  }
  CHECK(policy->Restore("").has_value());
  CHECK(policy->Restore(policy->Save()).has_value());
}

TEST_CASE("Explain: goal, achieved rate, keys and their rates") {
  const auto policy =
      Policy({{"samplerate", {"10"}}, {"dynsampling", {"k"}}, {"sampler", {"avg"}}});
  const auto worker = policy->NewWorker();
  const auto send = [&](const char* key, int count, Timestamp when) {
    Event event;
    event.Add("k", Value::String(key));
    for (int i = 0; i < count; ++i) worker->Decide("app", event, when);
  };
  send("c", 100, kNow);
  send("d", 1000, kNow);
  send("d\x1b", 1, kNow);
  send("d", 1, After(30));
  worker->Flush();
  const std::string text = policy->Explain(2);
  CHECK(text.starts_with("app, avg: goal 1 in 10, achieved 1 in "));
  CHECK(text.find("\n  3 keys\n  d: 1 in 15, 1000 in a window\n  c: 1 in 3, 100 in a window\n") !=
        std::string::npos);
}

}  // namespace
}  // namespace hctail
