// SPDX-License-Identifier: Apache-2.0
// only-once: the first event of each key in a window, and of those that follow one in 1,000,000,000
// (onlyonce.go).  What is sent says which keys there were; counts made from it are unbiased and
// useless.
#include "sample/sampler.h"

namespace hctail {
namespace {

class OnlyOnce final : public Sampler {
 public:
  using Sampler::Sampler;

  std::unique_ptr<Sampler> Clone() const override { return std::make_unique<OnlyOnce>(*this); }
  std::string Goal() const override { return "one of each key in a window"; }
  void EndWindow(const WindowEnd&, KeyTable* keys) override {
    for (KeyState& key : keys->slots()) key.rate = 0;
  }
  FirstEstimate first_estimate() const override { return {.law = FirstEstimate::Law::kOnce}; }
};

}  // namespace

std::unique_ptr<Sampler> MakeOnlyOnce(const SamplerSettings& settings) {
  return std::make_unique<OnlyOnce>(OrDefault(settings.window, kDefaultWindow));
}

}  // namespace hctail
