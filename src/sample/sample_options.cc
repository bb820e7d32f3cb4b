// SPDX-License-Identifier: Apache-2.0
#include "sample/sample_options.h"

#include <algorithm>

#include "base/file.h"
#include "base/option_value.h"
#include "sample/refinery_rules.h"

namespace hctail {
namespace {

constexpr uint64_t kMaxRate = 1'000'000'000;

std::unexpected<Error> Wrong(const OptionValues& values, std::string_view name,
                             std::string_view value, std::string_view what) {
  return Fail("'" + std::string(value) + "' is not " + std::string(what) + values.From(name));
}

// A number from `least` to `most`, or `otherwise` if it was not given.
Result<double> DecimalOf(const OptionValues& values, std::string_view name, double otherwise,
                         double least, double most, std::string_view what) {
  if (!values.Has(name)) return otherwise;
  const auto number = ReadDecimal(values.Get(name));
  if (!number || *number < least || *number > most) {
    return Wrong(values, name, values.Get(name), what);
  }
  return *number;
}

uint64_t CountOf(const OptionValues& values, std::string_view name, uint64_t otherwise) {
  return ReadCount(values.Get(name)).value_or(otherwise);
}

Duration TimeOf(const OptionValues& values, std::string_view name) {
  return ReadDuration(values.Get(name), "s").value_or(Duration(0));
}

std::string AlgorithmOf(const OptionValues& values) {
  if (values.Has("sampler")) return std::string(values.Get("sampler"));
  if (values.Has("deterministic-sampling")) return "deterministic";
  return values.All("dynsampling").empty() ? "static" : "avg-with-min";
}

bool AimsAtARate(std::string_view algorithm) {
  return algorithm == "avg" || algorithm == "avg-with-min" || algorithm == "ema" ||
         algorithm == "deterministic";
}

// What one option needs of the others.
Status CheckTogether(const OptionValues& values, const std::string& algorithm) {
  const bool keyed = !values.All("dynsampling").empty();
  if (values.Has("deterministic-sampling") && algorithm != "deterministic") {
    return Fail("--deterministic-sampling and --sampler " + algorithm + " contradict each other");
  }
  if (algorithm == "deterministic" && !values.Has("deterministic-sampling")) {
    return Fail("the deterministic sampler needs a field to decide by",
                "Name it with --deterministic-sampling FIELD.");
  }
  if (algorithm == "deterministic" && keyed) {
    return Fail("--deterministic-sampling and --dynsampling contradict each other",
                "To decide by a hash at dynamic rates, use --sample-coin hash and "
                "--sample-coin-field FIELD.");
  }
  if (AimsAtARate(algorithm) && CountOf(values, "samplerate", 1) < 2) {
    return Fail("the sampler " + algorithm + " needs a rate to aim at",
                "Give one with --samplerate RATE, from 2 up.");
  }
  if (algorithm != "static" && algorithm != "deterministic" && !keyed) {
    return Fail("the sampler " + algorithm + " needs fields that tell events apart",
                "Name them with --dynsampling FIELD.");
  }
  if (values.Get("sample-coin") == "hash" && !values.Has("sample-coin-field")) {
    return Fail("--sample-coin hash needs a field to decide by",
                "Name it with --sample-coin-field FIELD.");
  }
  if (values.Has("sample-rules-target") && !values.Has("sample-rules")) {
    return Fail("--sample-rules-target needs --sample-rules");
  }
  return {};
}

Status SetKeyRates(const OptionValues& values, SamplerSettings* settings) {
  for (const std::string& pair : values.All("sample-key-rate")) {
    const size_t equals = pair.rfind('=');
    const auto rate =
        ReadCount(std::string_view(pair).substr(std::min(equals, pair.size() - 1) + 1));
    if (equals == std::string::npos || !rate || *rate < 1 || *rate > kMaxRate) {
      return Wrong(values, "sample-key-rate", pair, "a key and its rate, such as GET=10");
    }
    settings->rates.emplace_back(pair.substr(0, equals), *rate);
  }
  return {};
}

Result<SamplerSettings> SettingsOf(const OptionValues& values) {
  SamplerSettings settings;
  settings.window = TimeOf(values, "dynsample-window");
  settings.lookback = TimeOf(values, "sample-lookback");
  settings.goal_rate = CountOf(values, "samplerate", 1);
  settings.minimum_per_second = static_cast<double>(CountOf(values, "dynsample-minimum", 1));
  settings.burst_delay = CountOf(values, "ema-burst-delay", 0);
  const auto goal =
      DecimalOf(values, "sample-goal", 0, 1e-6, 1e12, "a number of events a second above 0");
  const auto weight =
      DecimalOf(values, "ema-weight", 0, 1e-6, 1 - 1e-6, "a number between 0 and 1");
  const auto age_out = DecimalOf(values, "ema-age-out", 0, 1e-6, 1e12, "a number above 0");
  const auto burst = DecimalOf(values, "ema-burst-multiple", 0, -1e12, 1e12, "a number");
  if (settings.window > Duration(0) && settings.window < std::chrono::milliseconds(1)) {
    return Wrong(values, "dynsample-window", values.Get("dynsample-window"),
                 "a window of at least 1ms");
  }
  for (const auto* number : {&goal, &weight, &age_out, &burst}) {
    if (!*number) return std::unexpected(number->error());
  }
  settings.goal_per_second = *goal;
  settings.weight = *weight;
  settings.age_out = *age_out;
  settings.burst_multiple = *burst;
  if (const Status set = SetKeyRates(values, &settings); !set) return std::unexpected(set.error());
  return settings;
}

void SetCoin(const OptionValues& values, SamplerSpec* spec) {
  spec->salt = values.Get("sample-salt");
  const std::string_view coin = values.Get("sample-coin");
  if (spec->algorithm == "deterministic") {
    spec->coin = Coin::kHoneytailHash;
    spec->hash_fields.emplace_back(std::string(values.Get("deterministic-sampling")));
  } else if (coin == "hash") {
    spec->coin = Coin::kHash;
    spec->hash_fields.emplace_back(std::string(values.Get("sample-coin-field")));
  } else if (coin.empty()) {
    spec->coin = spec->fields.empty() ? Coin::kRandom : Coin::kStratified;
  } else {
    spec->coin = coin == "stratified" ? Coin::kStratified : Coin::kRandom;
  }
}

// The sampler for what no rule matches, or none.
Status SetFallback(const OptionValues& values, SamplePlan* plan) {
  const std::string algorithm = AlgorithmOf(values);
  if (const Status checked = CheckTogether(values, algorithm); !checked) return checked;
  Result<SamplerSettings> settings = SettingsOf(values);
  if (!settings) return std::unexpected(settings.error());
  if (algorithm == "static" && settings->goal_rate == 1 && settings->rates.empty()) return {};
  SamplerSpec spec;
  spec.label = spec.algorithm = algorithm;
  spec.settings = std::move(*settings);
  spec.fields = KeyFields(values.All("dynsampling"));
  spec.max_keys = CountOf(values, "sample-max-keys", SamplerSpec::kMaxKeys);
  SetCoin(values, &spec);
  plan->fallback = plan->samplers.size();
  plan->samplers.push_back(std::move(spec));
  return {};
}

// "20 if ...", "keep if ..." or "drop if ...".
Status AddRule(std::string_view text, const OptionValues& values, SamplePlan* plan) {
  constexpr std::string_view kIf = " if ";
  const size_t at = text.find(kIf);
  const std::string_view verb = text.substr(0, at);
  const auto rate = ReadCount(verb.starts_with("1/") ? verb.substr(2) : verb);
  const bool known = verb == "keep" || verb == "drop" || (rate && *rate >= 1 && *rate <= kMaxRate);
  if (at == std::string_view::npos || !known) {
    return Fail("cannot read the rule '" + std::string(text) + "'" + values.From("sample-rule"),
                "Write 'RATE if CONDITION', 'keep if CONDITION' or 'drop if CONDITION'.");
  }
  Result<Condition> condition = ParseCondition(text.substr(at + kIf.size()));
  if (!condition) return std::unexpected(condition.error());
  SampleRule rule{.label = "rule " + std::string(text), .condition = std::move(*condition)};
  if (verb == "drop") rule.action = SampleRule::Action::kDrop;
  if (rate && *rate > 1) {
    rule.action = SampleRule::Action::kSample;
    rule.sampler = plan->samplers.size();
    SamplerSpec spec{.label = rule.label, .algorithm = "static"};
    spec.settings.goal_rate = *rate;
    if (values.Get("sample-coin") == "stratified") spec.coin = Coin::kStratified;
    plan->samplers.push_back(std::move(spec));
  }
  plan->rules.push_back(std::move(rule));
  return {};
}

Status AddConditions(const OptionValues& values, std::string_view option, SampleRule::Action action,
                     SamplePlan* plan) {
  for (const std::string& text : values.All(option)) {
    Result<Condition> condition = ParseCondition(text);
    if (!condition) {
      Error error = condition.error();
      error.message += values.From(option);
      return std::unexpected(error);
    }
    plan->rules.push_back({.label = std::string(option) + " " + text,
                           .condition = std::move(*condition),
                           .action = action});
  }
  return {};
}

// `own` first, then what the file says; its sampler if it has one.
SamplePlan Joined(const SamplePlan& own, const SamplePlan& file) {
  SamplePlan plan = own;
  const size_t shift = own.samplers.size();
  for (const SamplerSpec& spec : file.samplers) plan.samplers.push_back(spec);
  for (SampleRule rule : file.rules) {
    rule.sampler += shift;
    plan.rules.push_back(std::move(rule));
  }
  if (file.fallback) plan.fallback = *file.fallback + shift;
  return plan;
}

std::unexpected<Error> TwoSamplers(const std::string& path, const std::string& target) {
  return Fail("both " + path + " (for " + target + ") and the options name a sampler",
              "Leave out --samplerate, --sampler and --dynsampling.");
}

Status AddRulesFile(const OptionValues& values, SampleConfig* config) {
  const std::string path(values.Get("sample-rules"));
  const Result<std::string> text = ReadWholeFile(path);
  if (!text) return std::unexpected(text.error());
  Result<RefineryRules> rules = ParseRefineryRules(*text, path);
  if (!rules) return std::unexpected(rules.error());
  const SamplePlan own = config->plan;
  for (const auto& [name, plan] : *rules) {
    if (own.fallback && plan.fallback) {
      return TwoSamplers(path, name);
    }
  }
  const std::string target(values.Get("sample-rules-target"));
  const auto found = rules->find(target.empty() ? kRefineryDefault : std::string_view(target));
  if (found == rules->end()) {
    return Fail(path + " says nothing of '" +
                (target.empty() ? std::string(kRefineryDefault) : target) + "'");
  }
  config->plan = Joined(own, found->second);
  if (!target.empty()) return {};
  for (const auto& [name, plan] : *rules) config->targets.emplace(name, Joined(own, plan));
  return {};
}

}  // namespace

Result<SampleConfig> MakeSampleConfig(const OptionValues& values) {
  SampleConfig config;
  using Action = SampleRule::Action;
  Status set = AddConditions(values, "keep-all-if", Action::kKeep, &config.plan);
  if (set) set = AddConditions(values, "drop-if", Action::kDrop, &config.plan);
  for (const std::string& rule : values.All("sample-rule")) {
    if (set) set = AddRule(rule, values, &config.plan);
  }
  if (set) set = SetFallback(values, &config.plan);
  if (set && values.Has("sample-rules")) set = AddRulesFile(values, &config);
  if (!set) return std::unexpected(set.error());
  if (values.Has("presampled")) config.presampled.emplace(std::string(values.Get("presampled")));
  if (values.Has("sample-tracestate")) {
    config.tracestate.emplace(std::string(values.Get("sample-tracestate")));
  }
  config.meta = values.Has("sample-meta");
  return config;
}

}  // namespace hctail
