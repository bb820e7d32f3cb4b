// SPDX-License-Identifier: Apache-2.0
// static: a rate for each key that is named, and one for all others (static.go).
#include "sample/sampler.h"

namespace hctail {
namespace {

class Static final : public Sampler {
 public:
  explicit Static(const SamplerSettings& settings)
      : Sampler(Duration(0)), rates_(settings.rates), rate_(settings.goal_rate) {}

  std::unique_ptr<Sampler> Clone() const override { return std::make_unique<Static>(*this); }
  std::string Goal() const override { return "1 in " + std::to_string(rate_); }
  void Begin(KeyTable* keys) override {
    for (const auto& [name, rate] : rates_) {
      const uint32_t slot = keys->FindOrAdd(name);
      if (slot != KeyTable::kShared) keys->slots()[slot].rate = rate;
    }
  }
  void EndWindow(const WindowEnd&, KeyTable*) override {}
  FirstEstimate first_estimate() const override {
    return {.law = FirstEstimate::Law::kFlat, .rate = rate_};
  }

 private:
  const std::vector<std::pair<std::string, uint64_t>> rates_;
  const uint64_t rate_;
};

}  // namespace

std::unique_ptr<Sampler> MakeStatic(const SamplerSettings& settings) {
  return std::make_unique<Static>(settings);
}

}  // namespace hctail
