// SPDX-License-Identifier: Apache-2.0
#include "sample/sampling_policy.h"

#include <algorithm>
#include <limits>

#include "base/check.h"
#include "sample/tracestate.h"

namespace hctail {
namespace {

constexpr std::string_view kOthers = "(other datasets)";
constexpr uint64_t kGolden = 0x9E3779B97F4A7C15u;  // spreads seeds
constexpr uint64_t kMaxWeight = std::numeric_limits<int64_t>::max();

uint64_t Times(uint64_t a, uint64_t b) { return a > kMaxWeight / b ? kMaxWeight : a * b; }

// The rate that a field says.  What is no number, or below 1, is 1.
uint64_t RateIn(const FieldValue& value) {
  const auto number = value.Number();
  if (!number || !(*number >= 1)) return 1;
  return *number < 9e18 ? static_cast<uint64_t>(*number) : kMaxWeight;
}

}  // namespace

SamplingPolicy::SamplingPolicy(SampleConfig config, uint64_t seed)
    : config_(std::move(config)), seed_(seed) {}

std::unique_ptr<SamplingWorker> SamplingPolicy::NewWorker() {
  const std::lock_guard lock(mutex_);
  seed_ += kGolden;
  return std::make_unique<SamplingWorker>(this, seed_);
}

const SamplePlan& SamplingPolicy::PlanOf(std::string_view dataset) const {
  const auto it = config_.targets.find(dataset);
  return it == config_.targets.end() ? config_.plan : it->second;
}

std::shared_ptr<const SamplingPolicy::Dataset> SamplingPolicy::DatasetOf(std::string_view name) {
  const std::lock_guard lock(mutex_);
  if (const auto it = datasets_.find(name); it != datasets_.end()) return it->second;
  if (datasets_.size() >= kMaxDatasets) {
    name = kOthers;
    if (const auto it = datasets_.find(name); it != datasets_.end()) return it->second;
  }
  auto dataset = std::make_shared<Dataset>();
  dataset->name = name;
  dataset->plan = &PlanOf(name);
  for (const SamplerSpec& spec : dataset->plan->samplers) {
    std::unique_ptr<Sampler> sampler = MakeSampler(spec.algorithm, spec.settings);
    HC_CHECK(sampler != nullptr);
    auto shared = std::make_shared<SharedSampler>(std::move(sampler), spec.max_keys);
    if (const auto state = restored_.find(StateKey(name, spec)); state != restored_.end()) {
      shared->Restore(state->second);
      restored_.erase(state);
    }
    dataset->samplers.push_back(std::move(shared));
  }
  datasets_.emplace(name, dataset);
  return dataset;
}

SamplingWorker::SamplingWorker(SamplingPolicy* policy, uint64_t seed)
    : policy_(policy), random_(seed) {}

SamplingWorker::LocalDataset& SamplingWorker::LocalOf(std::string_view dataset) {
  if (last_ != nullptr && last_name_ == dataset) return *last_;
  last_name_ = dataset;
  if (const auto it = datasets_.find(dataset); it != datasets_.end()) return *(last_ = &it->second);
  if (others_ != nullptr) return *(last_ = others_);
  auto shared = policy_->DatasetOf(dataset);
  const auto [it, added] = datasets_.try_emplace(shared->name);
  last_ = &it->second;
  if (added) {
    last_->dataset = shared;
    for (const auto& sampler : shared->samplers) {
      last_->samplers.emplace_back(sampler, random_.Next64());
    }
  }
  if (shared->name == kOthers) others_ = last_;
  return *last_;
}

bool SamplingWorker::Presampled(const Event& event, uint64_t* rate) {
  if (policy_->config_.presampled) {
    *rate = RateIn(policy_->config_.presampled->Find(event, &scratch_));
    return true;
  }
  return event.presampled;
}

Decision SamplingWorker::Decide(std::string_view dataset, const Event& event, Timestamp when) {
  using Action = SampleRule::Action;
  uint64_t arrived = std::max<uint64_t>(event.sample_rate, 1);
  const bool presampled = Presampled(event, &arrived);
  LocalDataset& local = LocalOf(dataset);
  const SamplePlan& plan = *local.dataset->plan;
  std::string_view label;
  std::optional<size_t> sampler = plan.fallback;
  for (const SampleRule& rule : plan.rules) {
    if (!rule.condition.Matches(event, &scratch_)) continue;
    if (rule.action == Action::kDrop) return {Decision::Outcome::kFiltered, arrived, rule.label};
    label = rule.label;
    sampler = rule.action == Action::kSample ? std::optional(rule.sampler) : std::nullopt;
    break;
  }
  if (presampled) return {Decision::Outcome::kKeep, arrived, "presampled"};
  if (!sampler) {
    const double prior = PriorRate(event);
    return {Decision::Outcome::kKeep, prior > 1 ? RoundRate(prior, random_) : arrived, label};
  }
  return Sample(plan.samplers[*sampler], &local.samplers[*sampler], event, ToNanos(when));
}

Decision SamplingWorker::Sample(const SamplerSpec& spec, LocalSampler* sampler, const Event& event,
                                int64_t when) {
  spec.fields.Build(event, &key_, &scratch_);
  const uint64_t rate = sampler->Rate(key_, when);
  Coin coin = spec.coin;
  const uint64_t hash = HashOf(spec, event, &coin);
  Decision decision{.sampler = spec.label, .key = key_};
  bool keep = false;
  if (const double prior = PriorRate(event); prior > 1) {
    const Equalised equal = Equalise(prior, rate);
    decision.rate = equal.rate;
    keep = sampler->TossAt(equal.step, coin, hash);
  } else {
    decision.rate = Times(std::max<uint64_t>(event.sample_rate, 1), rate);
    keep = sampler->Toss(coin, hash);
  }
  if (!keep) decision.outcome = Decision::Outcome::kSampledOut;
  return decision;
}

// For the hash coins; without a field to hash, `*coin` becomes random.
uint64_t SamplingWorker::HashOf(const SamplerSpec& spec, const Event& event, Coin* coin) {
  if (*coin != Coin::kHash && *coin != Coin::kHoneytailHash) return 0;
  for (const FieldPath& field : spec.hash_fields) {
    const FieldValue value = field.Find(event, &scratch_);
    if (value.Exists()) return sha1_.Hash(value.Text(&scratch_), spec.salt);
  }
  *coin = Coin::kRandom;
  return 0;
}

double SamplingWorker::PriorRate(const Event& event) {
  if (!policy_->config_.tracestate) return 1;
  return RateOfTracestate(policy_->config_.tracestate->Find(event, &scratch_).Text(&scratch_));
}

void SamplingWorker::AddMeta(const Decision& decision, Event* event) const {
  if (!policy_->config_.meta) return;
  if (!decision.sampler.empty()) event->Set("meta.sampler", Value::String(decision.sampler));
  if (!decision.key.empty()) event->Set("meta.sample_key", Value::String(decision.key));
}

void SamplingWorker::Flush() {
  for (auto& [name, local] : datasets_) {
    for (LocalSampler& sampler : local.samplers) sampler.Flush();
  }
}

}  // namespace hctail
