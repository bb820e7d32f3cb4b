// SPDX-License-Identifier: Apache-2.0
// One sampling algorithm: from what came in a window of time, the rates of the next.
//
// A Sampler is stepped from outside: it has no clock, no threads and no coin.  Whoever owns it
// counts the events of each key and calls EndWindow when a window is over; time is whatever the
// events are dated by, so that replaying a day in a minute gives the rates of that day.  Rates
// depend on what arrived and never on what was kept, which is what makes weights unbiased.
//
// The algorithms and their defaults are those of github.com/honeycombio/dynsampler-go (v0.6); what
// differs is said in the file of each and in goal_rates.h.
//
// Not thread-safe: SharedSampler locks it.  Tested by sampler_test.cc, window by window.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/time.h"
#include "sample/key_table.h"

namespace hctail {

// The rate of a key that no window tells of, once `count` events of it came in this one.  Where
// dynsampler-go lets such a key pass at rate 1 until the window ends, here the rate follows the
// same law as if the window ended now: the first event is kept, a flood is not.
struct FirstEstimate {
  enum class Law : uint8_t {
    kFlat,   // `rate` whatever the count
    kLog,    // a share by the logarithm of the count, see goal_rates.h
    kShare,  // `goal` events of each key
    kOnce,   // the first event, and practically none after it
  };
  Law law = Law::kFlat;
  uint64_t rate = 1;  // never below this
  double goal = 0;    // events to keep; kLog: of `total`
  // kLog: the window before, which the present one may exceed by far.
  bool per_event = false;  // the goal grows with the events
  double total = 0;        // events
  double log_sum = 0;      // of the counts' logarithms to base 10
  double keys = 0;

  // `total_now`: events of all keys in this window so far.
  uint64_t Rate(double count, double total_now) const;
  // The least count above `count` for which it is worth asking again.
  double NextCount(double count) const;
};

// A window that is over.
struct WindowEnd {
  int64_t windows = 1;  // that have passed; all but the first were empty
  bool burst = false;   // it ended early
  double kept = 0;      // events that were kept on average: the sum of 1/rate
};

class Sampler {
 public:
  explicit Sampler(Duration window) : window_(window) {}
  virtual ~Sampler() = default;
  virtual std::unique_ptr<Sampler> Clone() const = 0;

  // "1 in 20", "100 events/s".
  virtual std::string Goal() const = 0;
  // How long a window lasts; 0: for ever.
  Duration window() const { return window_; }

  // Puts the keys whose rates are known beforehand into the table.
  virtual void Begin([[maybe_unused]] KeyTable* keys) {}
  // A window is over.  Reads the counts and sets rate, average and expected of every key; a key
  // whose rate is 0 afterwards is forgotten.  Leaves the counts alone.
  virtual void EndWindow(const WindowEnd& end, KeyTable* keys) = 0;
  virtual FirstEstimate first_estimate() const = 0;
  // The events in one window at which it should end early.
  virtual double burst_threshold() const { return std::numeric_limits<double>::infinity(); }

  // What it remembers beside the keys, for a restart; SetState is false if that is not from State.
  virtual std::vector<double> State() const { return {}; }
  virtual bool SetState(std::span<const double> state) { return state.empty(); }

 private:
  const Duration window_;
};

// What the algorithms are made with, by dynsampler-go's names.  Zeros ask for the default.
struct SamplerSettings {
  Duration window{};              // ClearFrequency, AdjustmentInterval, UpdateFrequency
  Duration lookback{};            // WindowedThroughput: LookbackFrequency
  uint64_t goal_rate = 10;        // GoalSampleRate, InitialSampleRate; Static: Default
  double goal_per_second = 0;     // GoalThroughputPerSec, PerKeyThroughputPerSec
  double minimum_per_second = 0;  // AvgSampleWithMin: MinEventsPerSec
  double weight = 0;              // EMA: Weight, in (0, 1)
  double age_out = 0;             // EMA: AgeOutValue
  double burst_multiple = 0;      // EMA: BurstMultiple; negative: off
  uint64_t burst_delay = 0;       // EMA: BurstDetectionDelay, in windows
  std::vector<std::pair<std::string, uint64_t>> rates = {};  // Static: Rates
};

inline constexpr Duration kDefaultWindow = std::chrono::seconds(30);
template <typename T>
T OrDefault(T setting, std::type_identity_t<T> default_setting) {
  return setting == T() ? default_setting : setting;
}

std::unique_ptr<Sampler> MakeStatic(const SamplerSettings& settings);
std::unique_ptr<Sampler> MakeAvg(const SamplerSettings& settings);
std::unique_ptr<Sampler> MakeAvgWithMin(const SamplerSettings& settings);
std::unique_ptr<Sampler> MakeEma(const SamplerSettings& settings);
std::unique_ptr<Sampler> MakeEmaThroughput(const SamplerSettings& settings);
std::unique_ptr<Sampler> MakePerKeyThroughput(const SamplerSettings& settings);
std::unique_ptr<Sampler> MakeTotalThroughput(const SamplerSettings& settings);
std::unique_ptr<Sampler> MakeWindowedThroughput(const SamplerSettings& settings);
std::unique_ptr<Sampler> MakeOnlyOnce(const SamplerSettings& settings);

}  // namespace hctail
