// SPDX-License-Identifier: Apache-2.0
#include "sample/refinery_rules.h"

namespace hctail {
namespace {

// rules_complete.yaml of Refinery 3.2, without the parts that need a whole trace.
constexpr std::string_view kComplete = R"(
RulesVersion: 2
Samplers:
    __default__:
        DeterministicSampler:
            SampleRate: 1
    env1:
        DynamicSampler:
            SampleRate: 2
            ClearFrequency: 1m0s
            FieldList:
                - request.method
                - response.status_code
    env2:
        EMADynamicSampler:
            GoalSampleRate: 2
            AdjustmentInterval: 15s
            Weight: 0.5
            AgeOutValue: 0.5
            BurstMultiple: 2
            BurstDetectionDelay: 3
            FieldList: [request.method]
            UseTraceLength: false
            MaxKeys: 77
    env4:
        RulesBasedSampler:
            Rules:
                - Name: drop healthchecks
                  Drop: true
                  Conditions:
                    - Field: http.route
                      Operator: =
                      Value: /health-check
                - Name: drop everything from specific services
                  Drop: true
                  Conditions:
                    - Field: service.name
                      Operator: in
                      Value:
                        - noisy-service
                        - overly-chatty-service17
                - Name: keep slow 500 errors across semantic conventions
                  SampleRate: 1
                  Conditions:
                    - Fields:
                        - http.status_code
                        - http.response.status_code
                      Operator: =
                      Value: 500
                      Datatype: int
                    - Field: duration_ms
                      Operator: '>='
                      Value: 1000
                      Datatype: float
                - Name: dynamically sample 200 responses
                  Conditions:
                    - Field: http.status_code
                      Operator: =
                      Value: 200
                  Sampler:
                    EMADynamicSampler:
                        GoalSampleRate: 15
                        FieldList:
                            - request.method
                            - request.route
                - Name: sample traces originating from the users service
                  SampleRate: 5
                  Scope: span
                  Conditions:
                    - Field: service.name
                      Operator: =
                      Value: users
                    - Field: trace.parent_id
                      Operator: not-exists
                - Name: default rule
                  SampleRate: 10
    env5:
        EMAThroughputSampler:
            GoalThroughputPerSec: 100
            FieldList: [request.method]
    env6:
        WindowedThroughputSampler:
            GoalThroughputPerSec: 50
            UpdateFrequency: 2s
            LookbackFrequency: 20s
            FieldList: [a]
    env7:
        TotalThroughputSampler: {GoalThroughputPerSec: 9, ClearFrequency: 5s, FieldList: [a]}
)";

TEST_CASE("ParseRefineryRules: Refinery's complete example is read unchanged") {
  const auto rules = ParseRefineryRules(std::string(kComplete), "rules.yaml");
  REQUIRE_MESSAGE(rules.has_value(), rules.error().message);
  REQUIRE(rules->size() == 7);
  const auto sampler = [&](const char* name) -> const SamplerSpec& {
    return rules->at(name).samplers.at(0);
  };
  CHECK(sampler("__default__").algorithm == "deterministic");
  CHECK(sampler("__default__").settings.goal_rate == 1);
  CHECK(sampler("env1").algorithm == "avg");
  CHECK(sampler("env1").settings.window == std::chrono::minutes(1));
  CHECK(sampler("env1").fields.Names() == "request.method,response.status_code");
  CHECK(sampler("env2").max_keys == 77);
  CHECK(sampler("env5").settings.goal_per_second == 100);
  CHECK(sampler("env6").settings.lookback == std::chrono::seconds(20));
  CHECK(sampler("env7").algorithm == "total-throughput");
  CHECK(rules->at("env4").rules.size() == 6);
  CHECK_FALSE(rules->at("env4").fallback.has_value());
}

// The label of the first rule of env4 that matches.
std::string FirstMatch(const Event& event) {
  const auto rules = ParseRefineryRules(std::string(kComplete), "rules.yaml");
  std::string scratch;
  for (const SampleRule& rule : rules->at("env4").rules) {
    if (rule.condition.Matches(event, &scratch)) return rule.label;
  }
  return "";
}

TEST_CASE("ParseRefineryRules: the first rule that matches a single event") {
  Event event;
  CHECK(FirstMatch(event) == "rule default rule");
  event.Add("service.name", Value::RawJson("\"users\""));
  CHECK(FirstMatch(event) == "rule sample traces originating from the users service");
  event.Add("http.status_code", Value::RawJson("200"));
  CHECK(FirstMatch(event) == "rule dynamically sample 200 responses");
  event.Set("http.status_code", Value::String("500"));
  CHECK(FirstMatch(event) == "rule sample traces originating from the users service");
  event.Add("duration_ms", Value::Float(1000));
  CHECK(FirstMatch(event) == "rule keep slow 500 errors across semantic conventions");
  event.Set("service.name", Value::String("noisy-service"));
  CHECK(FirstMatch(event) == "rule drop everything from specific services");
  event.Add("http.route", Value::RawJson("\"/health-check\""));
  CHECK(FirstMatch(event) == "rule drop healthchecks");
}

TEST_CASE("ParseRefineryRules: quotes make a text of a number") {
  const std::string text = R"(
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: text
          Drop: true
          Conditions: [{Field: a, Operator: '=', Value: "500"}]
        - Name: number
          Drop: true
          Conditions: {Field: a, Operator: '=', Value: 500}
)";
  const auto rules = ParseRefineryRules(text, "r");
  REQUIRE(rules.has_value());
  const auto& both = rules->at("__default__").rules;
  Event event;
  event.Add("a", Value::Int(500));
  std::string scratch;
  CHECK_FALSE(both[0].condition.Matches(event, &scratch));
  CHECK(both[1].condition.Matches(event, &scratch));
}

std::string Rules(const std::string& rule) {
  return "RulesVersion: 2\nSamplers:\n  __default__:\n    RulesBasedSampler:\n      Rules:\n       "
         " - " +
         rule + "\n";
}

TEST_CASE("ParseRefineryRules: lists may be left out") {
  const auto rules =
      ParseRefineryRules(Rules("{Sampler: {EMAThroughputSampler: {GoalThroughputPerSec: 5}}}") +
                             "  none: {RulesBasedSampler: {CheckNestedFields: true}}\n",
                         "r");
  REQUIRE(rules.has_value());
  CHECK(rules->at("__default__").samplers.at(0).fields.empty());
  CHECK(rules->at("none").rules.empty());
}

TEST_CASE("ParseRefineryRules: what is refused is named, with its line") {
  const std::pair<std::string, const char*> cases[] = {
      {Rules("{Name: n, Conditions: [{Operator: has-root-span, Value: false}]}"),
       "r.yaml:6: has-root-span in rule n needs a whole trace"},
      {Rules("{Name: n, Conditions: [{Field: root.a, Operator: exists}]}"),
       "the field 'root.a' in rule n needs a whole trace"},
      {Rules("{Name: n, Conditions: [{Field: '?.NUM_DESCENDANTS', Operator: '>', Value: 5}]}"),
       "the field '?.NUM_DESCENDANTS' in rule n needs a whole trace"},
      {Rules("{Sampler: {DynamicSampler: {SampleRate: 2, FieldList: [root.x]}}}"),
       "the field 'root.x' in DynamicSampler needs a whole trace"},
      {Rules("{Sampler: {DynamicSampler: {SampleRate: 2, UseTraceLength: true}}}"),
       "UseTraceLength in DynamicSampler needs a whole trace"},
      {Rules("{Sampler: {EMAThroughputSampler: {UseClusterSize: true}}}"), "needs a cluster"},
      {Rules("{Conditions: [{Field: a, Operator: near, Value: 1}]}"), "unknown Operator 'near'"},
      {Rules("{Conditions: [{Field: a, Operator: '='}]}"), "has no Value"},
      {Rules("{Conditions: [{Operator: '=', Value: 1}]}"), "either Field or Fields"},
      {Rules("{Conditions: [{Field: a, Operator: '=', Value: x, Datatype: int}]}"),
       "'x' is not a number"},
      {Rules("{Conditions: [{Field: a, Operator: matches, Value: '('}]}"),
       "is not a regular expression"},
      {Rules("{Conditions: [{Field: a, Operator: '=', Value: 1, Datatype: date}]}"),
       "unknown Datatype 'date'"},
      {Rules("{Samplerate: 5}"), "unknown key 'Samplerate' in a rule"},
      {Rules("{Scope: root}"), "unknown Scope 'root'"},
      {Rules("{SampleRate: many}"), "SampleRate is not a number"},
      {"RulesVersion: 1\nSamplers: {}\n", "RulesVersion is not 2"},
      {"RulesVersion: 2\n", "there are no Samplers"},
      {"RulesVersion: 2\nSamplers:\n  a: {MagicSampler: {}}\n", "unknown sampler 'MagicSampler'"},
      {"RulesVersion: 2\nSamplers:\n  a: [1\n", "r.yaml:"},
      {"", "the file is not a map"},
      {"- 1", "the file is not a map"},
  };
  for (const auto& [text, what] : cases) {
    CAPTURE(text);
    const auto rules = ParseRefineryRules(text, "r.yaml");
    REQUIRE_FALSE(rules.has_value());
    CHECK_MESSAGE(rules.error().message.find(what) != std::string::npos, rules.error().message);
  }
}

}  // namespace
}  // namespace hctail
