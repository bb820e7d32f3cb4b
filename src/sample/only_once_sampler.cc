// SPDX-License-Identifier: Apache-2.0
// only-once: the first event of each key in a window, and of those that follow one in 1,000,000,000
// (onlyonce.go).  What is sent says which keys there were; counts made from it are unbiased and
// useless.
#include "sample/sampler.h"

namespace hctail {
namespace {

class OnlyOnce final : public Sampler {
 public:
  explicit OnlyOnce(const SamplerSettings& settings)
      : window_(settings.window > Duration(0) ? settings.window : std::chrono::seconds(30)) {}

  std::unique_ptr<Sampler> Clone() const override { return std::make_unique<OnlyOnce>(*this); }
  std::string_view name() const override { return "only-once"; }
  std::string Goal() const override { return "one of each key in a window"; }
  Duration window() const override { return window_; }
  void EndWindow(const WindowEnd&, KeyTable* keys) override {
    for (KeyState& key : keys->slots()) key.rate = 0;
  }
  FirstEstimate first_estimate() const override { return {.law = FirstEstimate::Law::kOnce}; }

 private:
  const Duration window_;
};

}  // namespace

std::unique_ptr<Sampler> MakeOnlyOnce(const SamplerSettings& settings) {
  return std::make_unique<OnlyOnce>(settings);
}

}  // namespace hctail
