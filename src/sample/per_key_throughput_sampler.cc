// SPDX-License-Identifier: Apache-2.0
// per-key-throughput: about so many events of each key in a second (perkeythroughput.go, which
// multiplies by whole seconds and so divides by 0 in windows of less than one).
#include "sample/sampler.h"
#include "sample/throughput_samplers.h"

namespace hctail {
namespace {

class PerKeyThroughput final : public Sampler {
 public:
  explicit PerKeyThroughput(const SamplerSettings& settings)
      : window_(settings.window > Duration(0) ? settings.window : std::chrono::seconds(30)),
        per_second_(settings.goal_per_second > 0 ? settings.goal_per_second : 10) {}

  std::unique_ptr<Sampler> Clone() const override {
    return std::make_unique<PerKeyThroughput>(*this);
  }
  std::string_view name() const override { return "per-key-throughput"; }
  std::string Goal() const override { return PerSecond(per_second_) + " of each key"; }
  Duration window() const override { return window_; }
  void EndWindow(const WindowEnd& end, KeyTable* keys) override {
    SetShareRates(Share(), keys);
    if (end.windows > 1) {
      for (KeyState& key : keys->slots()) key.rate = 0;
    }
  }
  FirstEstimate first_estimate() const override {
    return {.law = FirstEstimate::Law::kShare, .goal = Share()};
  }

 private:
  double Share() const { return per_second_ * Seconds(window_); }

  const Duration window_;
  const double per_second_;
};

}  // namespace

std::unique_ptr<Sampler> MakePerKeyThroughput(const SamplerSettings& settings) {
  return std::make_unique<PerKeyThroughput>(settings);
}

}  // namespace hctail
