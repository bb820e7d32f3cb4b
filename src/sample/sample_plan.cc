// SPDX-License-Identifier: Apache-2.0
#include "sample/sample_plan.h"

namespace hctail {

std::string SamplerSpec::Identity() const { return label + "(" + fields.Names() + ")" + algorithm; }

std::unique_ptr<Sampler> MakeSampler(std::string_view algorithm, const SamplerSettings& settings) {
  static constexpr std::pair<std::string_view, std::unique_ptr<Sampler> (*)(const SamplerSettings&)>
      kMakers[] = {
          {"static", MakeStatic},
          {"deterministic", MakeStatic},
          {"avg", MakeAvg},
          {"avg-with-min", MakeAvgWithMin},
          {"ema", MakeEma},
          {"ema-throughput", MakeEmaThroughput},
          {"per-key-throughput", MakePerKeyThroughput},
          {"total-throughput", MakeTotalThroughput},
          {"windowed-throughput", MakeWindowedThroughput},
          {"only-once", MakeOnlyOnce},
      };
  for (const auto& [name, make] : kMakers) {
    if (name == algorithm) return make(settings);
  }
  return nullptr;
}

bool SampleConfig::active() const {
  const auto acts = [](const SamplePlan& a_plan) {
    return !a_plan.rules.empty() || a_plan.fallback.has_value();
  };
  if (acts(plan) || presampled || tracestate || meta) return true;
  for (const auto& [name, target] : targets) {
    if (acts(target)) return true;
  }
  return false;
}

}  // namespace hctail
