// SPDX-License-Identifier: Apache-2.0
#include "sample/sample_options.h"

#include <set>

#include "base/file.h"
#include "tests/testing/temp_dir.h"

namespace hctail {
namespace {

// As the command line makes it: defaults filled in.
OptionValues Given(const std::map<std::string, std::vector<std::string>>& given) {
  OptionValues values;
  for (const OptionSpec& option : SampleOptions()) {
    if (!option.default_text.empty()) values.Set(option.name, {std::string(option.default_text)});
  }
  for (const auto& [name, texts] : given) values.Set(name, texts, "--" + name);
  return values;
}

TEST_CASE("SampleOptions: every name and alias stands once, in one category") {
  std::set<std::string_view> names;
  for (const OptionSpec& option : SampleOptions()) {
    CHECK(names.insert(option.name).second);
    for (const std::string_view alias : option.aliases) CHECK(names.insert(alias).second);
    CHECK(option.category == "Sampling");
    CHECK_FALSE(option.help.ends_with('.'));
    CHECK((option.detail.empty() || option.detail.ends_with('.')));
  }
}

TEST_CASE("MakeSampleConfig: nothing is sampled unless it is asked for") {
  const auto config = MakeSampleConfig(Given({}));
  REQUIRE(config.has_value());
  CHECK_FALSE(config->active());
  CHECK_FALSE(config->plan.fallback.has_value());
}

TEST_CASE("MakeSampleConfig: honeytail's options choose honeytail's samplers") {
  const auto constant = MakeSampleConfig(Given({{"samplerate", {"20"}}}));
  REQUIRE(constant.has_value());
  CHECK(constant->active());
  CHECK(constant->plan.samplers.at(0).algorithm == "static");
  CHECK(constant->plan.samplers[0].settings.goal_rate == 20);
  CHECK(constant->plan.samplers[0].coin == Coin::kRandom);

  const auto dynamic = MakeSampleConfig(Given({{"samplerate", {"20"}},
                                               {"dynsampling", {"status", "method"}},
                                               {"dynsample-window", {"10"}}}));
  REQUIRE(dynamic.has_value());
  const SamplerSpec& spec = dynamic->plan.samplers.at(0);
  CHECK(spec.algorithm == "avg-with-min");
  CHECK(spec.fields.Names() == "method,status");
  CHECK(spec.settings.window == std::chrono::seconds(10));
  CHECK(spec.settings.minimum_per_second == 1);
  CHECK(spec.coin == Coin::kStratified);
  CHECK(spec.max_keys == 500);

  const auto hashed = MakeSampleConfig(Given(
      {{"samplerate", {"20"}}, {"deterministic-sampling", {"user"}}, {"sample-salt", {"s"}}}));
  REQUIRE(hashed.has_value());
  CHECK(hashed->plan.samplers.at(0).coin == Coin::kHoneytailHash);
  CHECK(hashed->plan.samplers[0].salt == "s");

  const auto presampled = MakeSampleConfig(Given({{"presampled", {"rate"}}}));
  REQUIRE(presampled.has_value());
  CHECK(presampled->active());
}

TEST_CASE("MakeSampleConfig: rules come in the order keep, drop, rule") {
  const auto config = MakeSampleConfig(Given(
      {{"drop-if", {"path = /health"}},
       {"keep-all-if", {"status >= 500", "error exists"}},
       {"sample-rule", {"1/20 if status < 300", "keep if a = 1", "7 if b = 1", "drop if c = 1"}}}));
  REQUIRE(config.has_value());
  const auto& rules = config->plan.rules;
  REQUIRE(rules.size() == 7);
  using Action = SampleRule::Action;
  const Action actions[] = {Action::kKeep, Action::kKeep,   Action::kDrop, Action::kSample,
                            Action::kKeep, Action::kSample, Action::kDrop};
  for (size_t i = 0; i < rules.size(); ++i) CHECK(rules[i].action == actions[i]);
  CHECK(rules[0].label == "keep-all-if status >= 500");
  CHECK(config->plan.samplers[rules[3].sampler].settings.goal_rate == 20);
  CHECK(config->plan.samplers[rules[5].sampler].settings.goal_rate == 7);
}

TEST_CASE("MakeSampleConfig: what is wrong or contradicts itself is refused") {
  using Options = std::map<std::string, std::vector<std::string>>;
  const std::pair<Options, const char*> cases[] = {
      {{{"dynsampling", {"a"}}}, "avg-with-min needs a rate to aim at"},
      {{{"deterministic-sampling", {"a"}}}, "deterministic needs a rate"},
      {{{"sampler", {"ema"}}, {"samplerate", {"9"}}}, "needs fields that tell events apart"},
      {{{"sampler", {"deterministic"}}, {"samplerate", {"9"}}}, "needs a field to decide by"},
      {{{"sampler", {"ema"}}, {"deterministic-sampling", {"a"}}}, "contradict"},
      {{{"samplerate", {"9"}}, {"deterministic-sampling", {"a"}}, {"dynsampling", {"b"}}},
       "contradict"},
      {{{"sample-coin", {"hash"}}}, "needs a field to decide by"},
      {{{"keep-all-if", {"status >"}}}, "expected a value (from --keep-all-if)"},
      {{{"sample-rule", {"often if a = 1"}}}, "cannot read the rule 'often if a = 1'"},
      {{{"sample-rule", {"0 if a = 1"}}}, "cannot read the rule"},
      {{{"sample-key-rate", {"GET"}}}, "'GET' is not a key and its rate"},
      {{{"sample-key-rate", {""}}}, "'' is not a key and its rate"},
      {{{"ema-weight", {"1"}}}, "'1' is not a number between 0 and 1 (from --ema-weight)"},
      {{{"sample-goal", {"-1"}}}, "'-1' is not a number of events a second"},
      {{{"dynsample-window", {"0.0001"}}}, "'0.0001' is not a window of at least 1ms"},
      {{{"sample-rules-target", {"x"}}}, "needs --sample-rules"},
      {{{"sample-rules", {"/no/such/file"}}}, "/no/such/file"},
  };
  for (const auto& [options, what] : cases) {
    CAPTURE(what);
    const auto config = MakeSampleConfig(Given(options));
    REQUIRE_FALSE(config.has_value());
    CHECK(config.error().message.find(what) != std::string::npos);
  }
}

TEST_CASE("MakeSampleConfig: a rules file comes after the rules of the command line") {
  const testing::TempDir dir;
  const std::string path = dir.path() + "/rules.yaml";
  REQUIRE(WriteFileAtomically(path, R"(
RulesVersion: 2
Samplers:
  __default__: {DeterministicSampler: {SampleRate: 3}}
  app: {RulesBasedSampler: {Rules: [{Name: x, SampleRate: 5}]}}
)",
                              Fsync::kNo)
              .has_value());
  const auto config =
      MakeSampleConfig(Given({{"sample-rules", {path}}, {"sample-rule", {"4 if a = 1"}}}));
  REQUIRE(config.has_value());
  CHECK(config->plan.rules.size() == 1);
  CHECK(config->plan.samplers.at(*config->plan.fallback).settings.goal_rate == 3);
  const SamplePlan& app = config->targets.at("app");
  REQUIRE(app.rules.size() == 2);
  CHECK(app.samplers.at(app.rules[1].sampler).settings.goal_rate == 5);

  const auto target =
      MakeSampleConfig(Given({{"sample-rules", {path}}, {"sample-rules-target", {"app"}}}));
  REQUIRE(target.has_value());
  CHECK(target->targets.empty());
  CHECK(target->plan.rules.size() == 1);

  CHECK_FALSE(
      MakeSampleConfig(Given({{"sample-rules", {path}}, {"samplerate", {"9"}}})).has_value());
  CHECK_FALSE(MakeSampleConfig(Given({{"sample-rules", {path}}, {"sample-rules-target", {"no"}}}))
                  .has_value());
}

}  // namespace
}  // namespace hctail
