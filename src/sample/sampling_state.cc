// SPDX-License-Identifier: Apache-2.0
// The samplers' state as text, and the samplers in words.
//
//   hctail-sampling 1
//   sampler DATASET IDENTITY NUMBER...
//   key RATE AVERAGE EXPECTED NAME
//   ...
//
// A sampler's keys follow it, the shared one first.  Blanks, controls and '%' in names are written
// %XX; an empty name is a single '%'.  A line that is cut off spoils the whole: it is replaced as a
// whole when it is written.
#include <fmt/format.h>

#include "base/option_value.h"
#include "base/utf8.h"
#include "sample/sampling_policy.h"

namespace hctail {
namespace {

constexpr std::string_view kHead = "hctail-sampling 1";

void AppendName(std::string_view name, std::string* out) {
  if (name.empty()) out->push_back('%');
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte != '%' && byte != 0x7F) {
      out->push_back(c);
    } else {
      *out += fmt::format("%{:02x}", byte);
    }
  }
}

bool ReadName(std::string_view text, std::string* name) {
  name->clear();
  if (text.empty()) return false;
  if (text == "%") return true;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      name->push_back(text[i]);
      continue;
    }
    const int byte = ReadHex(text.substr(i + 1), 2);
    if (byte < 0) return false;
    name->push_back(static_cast<char>(byte));
    i += 2;
  }
  return true;
}

std::string_view TakeWord(std::string_view* line) {
  const size_t end = std::min(line->find(' '), line->size());
  const std::string_view word = line->substr(0, end);
  line->remove_prefix(std::min(end + 1, line->size()));
  return word;
}

// Goal ratios may be infinite, and ReadDecimal takes no infinity.
std::optional<double> ReadStateNumber(std::string_view word) {
  if (word == "inf") return std::numeric_limits<double>::infinity();
  if (word == "nan" || word == "-nan") return std::numeric_limits<double>::quiet_NaN();
  return ReadDecimal(word);
}

// `name`: of what the sampler belongs to, see StateKey.
bool ReadSampler(std::string_view line, std::string* name, SamplerState* sampler) {
  std::string identity;
  if (!ReadName(TakeWord(&line), name) || !ReadName(TakeWord(&line), &identity)) return false;
  *name += '\n' + identity;
  while (!line.empty()) {
    const auto number = ReadStateNumber(TakeWord(&line));
    if (!number) return false;
    sampler->sampler.push_back(*number);
  }
  return true;
}

bool ReadKey(std::string_view line, SamplerState* sampler) {
  const auto rate = ReadCount(TakeWord(&line));
  const auto average = ReadDecimal(TakeWord(&line));
  const auto expected = ReadDecimal(TakeWord(&line));
  KeyState key;
  if (!rate || !average || !expected || !(*average >= 0) || !(*expected >= 0)) return false;
  if (!ReadName(line, &key.name)) return false;
  key.rate = *rate;
  key.average = *average;
  key.expected = *expected;
  sampler->keys.push_back(std::move(key));
  return true;
}

std::string Ratio(uint64_t seen, uint64_t kept) {
  if (kept == 0) return seen == 0 ? "no events" : "none";
  return fmt::format("1 in {:.2f}", static_cast<double>(seen) / static_cast<double>(kept));
}

// A key as part of a line: control bytes would garble the terminal.
std::string Shown(std::string_view key) {
  if (key.empty()) return "(no key)";
  std::string shown;
  for (const char c : key) {
    const auto byte = static_cast<unsigned char>(c);
    shown.push_back(byte < 0x20 || byte == 0x7F ? '?' : c);
  }
  return shown;
}

void AppendReport(const std::string& name, const SamplerReport& report, std::string* out) {
  *out += fmt::format("{}: goal {}, achieved {} (last window {}), kept {} of {}\n", name,
                      report.goal, Ratio(report.seen, report.kept),
                      Ratio(report.window_seen, report.window_kept), report.kept, report.seen);
  if (report.top.empty()) return;
  *out += fmt::format("  {} key{}", report.keys, report.keys == 1 ? "" : "s");
  if (report.folded > 0) {
    *out += fmt::format(", {} of them too rare for the goal and sampled 1 in {}", report.folded,
                        report.shared_rate);
  }
  if (report.shared > 0) {
    *out += fmt::format("; keys beyond the limit: {:.0f} events in a window, 1 in {}",
                        report.shared, report.shared_rate);
  }
  *out += "\n";
  for (const SamplerReport::Key& key : report.top) {
    *out +=
        fmt::format("  {}: 1 in {}, {:.0f} in a window\n", Shown(key.name), key.rate, key.expected);
  }
}

}  // namespace

std::string SamplingPolicy::StateKey(std::string_view dataset, const SamplerSpec& spec) {
  return std::string(dataset) + '\n' + spec.Identity();
}

std::string SamplingPolicy::Save() const {
  std::map<std::string, SamplerState, std::less<>> states;
  {
    const std::lock_guard lock(mutex_);
    states = restored_;  // of datasets that have not come yet
    for (const auto& [name, dataset] : datasets_) {
      for (size_t i = 0; i < dataset->samplers.size(); ++i) {
        states[StateKey(name, dataset->plan->samplers[i])] = dataset->samplers[i]->Save();
      }
    }
  }
  std::string out(kHead);
  out += '\n';
  for (const auto& [name, state] : states) {
    if (state.keys.empty()) continue;
    const size_t middle = name.find('\n');
    out += "sampler ";
    AppendName(std::string_view(name).substr(0, middle), &out);
    out += ' ';
    AppendName(std::string_view(name).substr(middle + 1), &out);
    for (const double number : state.sampler) out += fmt::format(" {:.17g}", number);
    out += '\n';
    for (const KeyState& key : state.keys) {
      out += fmt::format("key {} {:.17g} {:.17g} ", key.rate, key.average, key.expected);
      AppendName(key.name, &out);
      out += '\n';
    }
  }
  return out;
}

Status SamplingPolicy::Restore(std::string_view state) {
  std::map<std::string, SamplerState, std::less<>> states;
  SamplerState* current = nullptr;
  size_t number = 0;
  while (!state.empty()) {
    const size_t end = state.find('\n');
    std::string_view line = state.substr(0, end);
    bool good = end != std::string_view::npos;
    state.remove_prefix(good ? end + 1 : state.size());
    if (++number == 1) {
      good = good && line == kHead;
    } else {
      const std::string_view word = TakeWord(&line);
      std::string name;
      SamplerState sampler;
      if (good && word == "sampler") {
        good = ReadSampler(line, &name, &sampler);
        current = &(states[name] = std::move(sampler));
      } else {
        good = good && word == "key" && current != nullptr && ReadKey(line, current);
      }
    }
    if (!good) return Fail("line " + std::to_string(number) + " is not of a sampling state");
  }
  const std::lock_guard lock(mutex_);
  restored_ = std::move(states);
  return {};
}

std::string SamplingPolicy::Explain(size_t top_keys) const {
  const std::lock_guard lock(mutex_);
  std::string out;
  for (const auto& [name, dataset] : datasets_) {
    for (size_t i = 0; i < dataset->samplers.size(); ++i) {
      AppendReport(name + ", " + dataset->plan->samplers[i].label,
                   dataset->samplers[i]->Report(top_keys), &out);
    }
  }
  return out;
}

}  // namespace hctail
