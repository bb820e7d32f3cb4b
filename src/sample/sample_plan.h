// SPDX-License-Identifier: Apache-2.0
// What is to be done with the events of a dataset: rules in order, and a sampler for the rest.
//
// Plain data, made by sample_options.h and refinery_rules.h and carried out by sampling_policy.h.
// Tested by sample_options_test.cc and refinery_rules_test.cc.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sample/coin.h"
#include "sample/condition.h"
#include "sample/field_path.h"
#include "sample/sample_key.h"
#include "sample/sampler.h"

namespace hctail {

struct SamplerSpec {
  static constexpr size_t kMaxKeys = 500;

  std::string label = {};      // in meta.sampler and the status: "ema", "rule errors: ema"
  std::string algorithm = {};  // a name that MakeSampler knows
  SamplerSettings settings = {};
  KeyFields fields = {};
  size_t max_keys = kMaxKeys;
  Coin coin = Coin::kRandom;
  // For the hash coins: the first that exists.  An event that has none is tossed for at random.
  std::vector<FieldPath> hash_fields = {};
  std::string salt = {};

  // What a saved state belongs to: two specs of one identity may take over each other's rates.
  std::string Identity() const;
};

// Null if there is no such algorithm.
std::unique_ptr<Sampler> MakeSampler(std::string_view algorithm, const SamplerSettings& settings);

struct SampleRule {
  enum class Action : uint8_t { kKeep, kDrop, kSample };

  std::string label = {};  // "keep-all-if status >= 500", "rule drop healthchecks"
  Condition condition = {};
  Action action = Action::kKeep;
  size_t sampler = 0;  // kSample: which of the plan's
};

struct SamplePlan {
  std::vector<SampleRule> rules;  // the first that matches decides
  std::vector<SamplerSpec> samplers;
  std::optional<size_t> fallback;  // for what no rule matches; nothing: keep it
};

struct SampleConfig {
  SamplePlan plan;  // of datasets that `targets` does not name
  std::map<std::string, SamplePlan, std::less<>> targets;  // by dataset, from a rules file
  std::optional<FieldPath> presampled;  // the field that holds the rate an event was kept at
  std::optional<FieldPath> tracestate;  // the field that may hold OpenTelemetry's "ot=th:..."
  bool meta = false;                    // add meta.sampler and meta.sample_key to what is kept

  // There is something to decide.
  bool active() const;
};

}  // namespace hctail
