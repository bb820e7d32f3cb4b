// SPDX-License-Identifier: Apache-2.0
// Decides of each event whether it is sent, and with what weight.
//
// In this order: an event that was sampled before is kept with its rate; the first rule that
// matches keeps, drops or samples it; else the dataset's sampler does.  The weight is the rate the
// event arrived with times the rate it was kept at, and the chance of being kept is exactly one in
// the latter.
//
// One policy serves the whole process: each dataset has its samplers, shared by all files and
// workers.  Each worker has a SamplingWorker.  The time given to it drives the windows: the event's
// own in a backfill, the wall clock when tailing.
//
// SamplingPolicy is thread-safe and outlives its workers; a SamplingWorker belongs to one thread.
// Tested by sampling_policy_test.cc and tests/model/sampling_test.cc.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "event/event.h"
#include "sample/local_sampler.h"
#include "sample/sample_plan.h"
#include "sample/sha1.h"
#include "sample/shared_sampler.h"

namespace hctail {

struct Decision {
  enum class Outcome : uint8_t {
    kKeep,
    kSampledOut,  // others like it stand for it
    kFiltered,    // dropped by a rule; nothing stands for it
  };
  Outcome outcome = Outcome::kKeep;
  uint64_t rate = 1;              // the weight to send it with
  std::string_view sampler = {};  // what decided; lives as long as the policy, "" if nothing did
  std::string_view key = {};      // until the worker's next Decide
};

class SamplingWorker;

class SamplingPolicy {
 public:
  // More datasets share the samplers of one.
  static constexpr size_t kMaxDatasets = 64;

  SamplingPolicy(SampleConfig config, uint64_t seed);

  // False: Decide would keep every event at its own rate and need not be called.
  bool active() const { return config_.active(); }
  // Each worker's random numbers are its own.
  std::unique_ptr<SamplingWorker> NewWorker();

  // The rates of all samplers as text lines, to be kept with the checkpoint.
  std::string Save() const;
  // Takes over what Save wrote, before the first event.  What does not fit the configuration any
  // more is left out.  Error: it is not from Save; nothing is taken over.
  Status Restore(std::string_view state);

  // What the samplers do, for people: a few lines for each dataset, each with its newline.
  std::string Explain(size_t top_keys = 5) const;

 private:
  friend class SamplingWorker;

  struct Dataset {
    std::string name;
    const SamplePlan* plan;
    std::vector<std::shared_ptr<SharedSampler>> samplers;  // one for each of the plan's
  };

  std::shared_ptr<const Dataset> DatasetOf(std::string_view name);
  const SamplePlan& PlanOf(std::string_view dataset) const;
  static std::string StateKey(std::string_view dataset, const SamplerSpec& spec);

  const SampleConfig config_;
  mutable std::mutex mutex_;
  uint64_t seed_;  // of the next worker
  std::map<std::string, std::shared_ptr<const Dataset>, std::less<>> datasets_;
  std::map<std::string, SamplerState, std::less<>> restored_;  // by StateKey; not yet taken over
};

class SamplingWorker {
 public:
  SamplingWorker(SamplingPolicy* policy, uint64_t seed);

  // What to do with `event`, which goes to `dataset` and counts at `when`.
  Decision Decide(std::string_view dataset, const Event& event, Timestamp when);
  // Adds meta.sampler and meta.sample_key to an event that is kept, if that was asked for.
  void AddMeta(const Decision& decision, Event* event) const;
  // Hands counts over, so that rates and status are up to date.  To be called after each chunk.
  void Flush();

 private:
  struct LocalDataset {
    std::shared_ptr<const SamplingPolicy::Dataset> dataset;
    std::deque<LocalSampler> samplers;  // they never move
  };

  LocalDataset& LocalOf(std::string_view dataset);
  // Whether the event was sampled before; then `*rate` is the rate it was kept at.
  bool Presampled(const Event& event, uint64_t* rate);
  Decision Sample(const SamplerSpec& spec, LocalSampler* sampler, const Event& event, int64_t when);
  uint64_t HashOf(const SamplerSpec& spec, const Event& event, Coin* coin);
  double PriorRate(const Event& event);

  SamplingPolicy* const policy_;
  Random random_;
  Sha1 sha1_;
  std::map<std::string, LocalDataset, std::less<>> datasets_;
  LocalDataset* last_ = nullptr;
  LocalDataset* others_ = nullptr;  // of datasets beyond the limit
  std::string last_name_;
  std::string key_;
  std::string scratch_;
};

}  // namespace hctail
