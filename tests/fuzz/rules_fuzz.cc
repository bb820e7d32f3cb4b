// SPDX-License-Identifier: Apache-2.0
// Everything about sampling that reads text: conditions, rules files, saved states, JSON paths,
// tracestates.  The input is each of them in turn; what is read is used on an event.
//
// Corpus: testdata/sampling, where the first byte of a file says what it is.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "event/json_string.h"
#include "sample/condition.h"
#include "sample/json_path.h"
#include "sample/refinery_rules.h"
#include "sample/sample_key.h"
#include "sample/sampling_policy.h"
#include "sample/tracestate.h"

namespace hctail {
namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

Event MakeEvent(std::string_view raw) {
  Event event;
  event.Add("status", Value::Int(503));
  event.Add("text", Value::String(raw));
  event.Add("raw", Value::RawJson(raw));
  event.Add("nested", Value::RawJson(R"({"a":{"b":"c"},"a.b":1.5})"));
  return event;
}

void FuzzCondition(std::string_view text, const Event& event) {
  std::string scratch;
  const auto condition = ParseCondition(text);
  if (condition) condition->Matches(event, &scratch);
  if (!condition) Require(!condition.error().message.empty());
}

void FuzzRules(const std::string& text, const Event& event) {
  auto rules = ParseRefineryRules(text, "fuzz.yaml");
  if (!rules) return;
  SampleConfig config;
  config.targets = std::move(*rules);
  SamplingPolicy policy(std::move(config), 1);
  const auto worker = policy.NewWorker();
  for (const char* dataset : {"__default__", "a", "b"}) {
    for (int i = 0; i < 3; ++i) {
      Require(worker->Decide(dataset, event, {1'700'000'000 + i * 40, 0}).rate >= 1);
    }
  }
}

void FuzzState(std::string_view text, const Event& event) {
  SampleConfig config;
  config.plan.fallback = 0;
  config.plan.samplers.push_back(
      {.label = "ema", .algorithm = "ema", .settings = {.goal_rate = 10}});
  SamplingPolicy policy(std::move(config), 1);
  if (!policy.Restore(text)) return;
  const std::string saved = policy.Save();
  Require(policy.Restore(saved).has_value());
  Require(policy.Save() == saved);
  const auto worker = policy.NewWorker();
  for (int i = 0; i < 100; ++i) {
    Require(worker->Decide("a", event, {1'700'000'000 + i, 0}).rate >= 1);
  }
  worker->Flush();
  policy.Explain();
}

void FuzzPath(std::string_view text, const Event& event) {
  const size_t split = text.find('\n');
  const std::string path(text.substr(0, split));
  const std::string_view json = split == text.npos ? std::string_view() : text.substr(split + 1);
  std::string scratch;
  const auto found = FindJsonMember(json, path, &scratch);
  if (found) Require(found->data() >= json.data() && found->end() <= json.end());
  UnquoteJson(json, &scratch);
  RateOfTracestate(json);
  std::string key;
  KeyFields(std::vector<std::string>{path, "raw." + path, "status:hundreds"})
      .Build(event, &key, &scratch);
  Require(key.size() <= 3 * (KeyFields::kLongestValue + 3));
}

}  // namespace
}  // namespace hctail

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const hctail::Event event = hctail::MakeEvent(text);
  switch (data[0]) {
    case 'c':
      hctail::FuzzCondition(text, event);
      break;
    case 'r':
      hctail::FuzzRules(text, event);
      break;
    case 's':
      hctail::FuzzState(text, event);
      break;
    default:
      hctail::FuzzPath(text, event);
  }
  return 0;
}
