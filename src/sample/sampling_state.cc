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
#include <cstdio>

#include "sample/read_number.h"
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
      continue;
    }
    char text[4];
    std::snprintf(text, sizeof text, "%%%02x", byte);
    out->append(text, 3);
  }
}

bool ReadName(std::string_view text, std::string* name) {
  constexpr std::string_view kHex = "0123456789abcdef";
  name->clear();
  if (text.empty()) return false;
  if (text == "%") return true;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      name->push_back(text[i]);
      continue;
    }
    if (i + 2 >= text.size()) return false;
    const size_t high = kHex.find(text[i + 1]);
    const size_t low = kHex.find(text[i + 2]);
    if (high == std::string_view::npos || low == std::string_view::npos) return false;
    name->push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return true;
}

void AppendNumber(double number, std::string* out) {
  char text[40];
  out->append(text, static_cast<size_t>(std::snprintf(text, sizeof text, " %.17g", number)));
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

// What is read so far.
struct Reading {
  std::map<std::string, SamplerState, std::less<>> states;
  SamplerState* current = nullptr;
};

bool ReadSampler(std::string_view line, Reading* reading) {
  std::string dataset;
  std::string identity;
  if (!ReadName(TakeWord(&line), &dataset) || !ReadName(TakeWord(&line), &identity)) return false;
  reading->current = &reading->states[dataset + '\n' + identity];
  *reading->current = {};
  while (!line.empty()) {
    const auto number = ReadStateNumber(TakeWord(&line));
    if (!number) return false;
    reading->current->sampler.push_back(*number);
  }
  return true;
}

bool ReadKey(std::string_view line, Reading* reading) {
  const auto rate = ReadCount(TakeWord(&line));
  const auto average = ReadDecimal(TakeWord(&line));
  const auto expected = ReadDecimal(TakeWord(&line));
  KeyState key;
  if (!rate || !average || !expected || !(*average >= 0) || !(*expected >= 0)) return false;
  if (!ReadName(line, &key.name) || reading->current == nullptr) return false;
  key.rate = *rate;
  key.average = *average;
  key.expected = *expected;
  reading->current->keys.push_back(std::move(key));
  return true;
}

std::string Ratio(uint64_t seen, uint64_t kept) {
  if (kept == 0) return seen == 0 ? "no events" : "none";
  char text[32];
  std::snprintf(text, sizeof text, "1 in %.2f",
                static_cast<double>(seen) / static_cast<double>(kept));
  return text;
}

std::string Whole(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.0f", number);
  return text;
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
  *out += name + ": goal " + report.goal + ", achieved " + Ratio(report.seen, report.kept) +
          " (last window " + Ratio(report.window_seen, report.window_kept) + "), kept " +
          std::to_string(report.kept) + " of " + std::to_string(report.seen) + "\n";
  if (report.top.empty()) return;
  *out += "  " + std::to_string(report.keys) + (report.keys == 1 ? " key" : " keys");
  if (report.folded > 0) {
    *out += ", " + std::to_string(report.folded) +
            " of them too rare for the goal and sampled 1 in " + std::to_string(report.shared_rate);
  }
  if (report.shared > 0) {
    *out += "; keys beyond the limit: " + Whole(report.shared) + " events in a window, 1 in " +
            std::to_string(report.shared_rate);
  }
  *out += "\n";
  for (const SamplerReport::Key& key : report.top) {
    *out += "  " + Shown(key.name) + ": 1 in " + std::to_string(key.rate) + ", " +
            Whole(key.expected) + " in a window\n";
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
    for (const double number : state.sampler) AppendNumber(number, &out);
    out += '\n';
    for (const KeyState& key : state.keys) {
      out += "key " + std::to_string(key.rate);
      AppendNumber(key.average, &out);
      AppendNumber(key.expected, &out);
      out += ' ';
      AppendName(key.name, &out);
      out += '\n';
    }
  }
  return out;
}

Status SamplingPolicy::Restore(std::string_view state) {
  Reading reading;
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
      good = good && (word == "sampler" ? ReadSampler(line, &reading)
                                        : word == "key" && ReadKey(line, &reading));
    }
    if (!good) return Fail("line " + std::to_string(number) + " is not of a sampling state");
  }
  const std::lock_guard lock(mutex_);
  restored_ = std::move(reading.states);
  return {};
}

std::vector<std::pair<std::string, SamplerReport>> SamplingPolicy::Report(size_t top_keys) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::pair<std::string, SamplerReport>> reports;
  for (const auto& [name, dataset] : datasets_) {
    for (size_t i = 0; i < dataset->samplers.size(); ++i) {
      reports.emplace_back(name + ", " + dataset->plan->samplers[i].label,
                           dataset->samplers[i]->Report(top_keys));
    }
  }
  return reports;
}

std::string SamplingPolicy::Explain(size_t top_keys) const {
  std::string out;
  for (const auto& [name, report] : Report(top_keys)) AppendReport(name, report, &out);
  return out;
}

}  // namespace hctail
