// SPDX-License-Identifier: Apache-2.0
#include "cli/did_you_mean.h"

#include <algorithm>
#include <vector>

namespace hctail {
namespace {

// Differences that nobody means.
std::string Folded(std::string_view word) {
  std::string folded(word);
  for (char& c : folded) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == '_') c = '-';
  }
  return folded;
}

// How many slips are believable in a word of this length.
size_t Tolerance(std::string_view word) { return std::clamp<size_t>(word.size() / 3, 1, 3); }

}  // namespace

size_t EditDistance(std::string_view a, std::string_view b) {
  // Three rows of the usual table: a swap looks two rows back.
  std::vector<size_t> before(b.size() + 1);
  std::vector<size_t> last(b.size() + 1);
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

std::string_view NearestWord(std::string_view word, std::span<const std::string_view> candidates) {
  const std::string folded = Folded(word);
  std::string_view nearest;
  std::string_view begun;
  size_t begun_count = 0;
  size_t least = Tolerance(folded) + 1;
  for (const std::string_view candidate : candidates) {
    const std::string other = Folded(candidate);
    if (folded.size() >= 3 && other.starts_with(folded) && ++begun_count == 1) begun = candidate;
    const size_t distance = EditDistance(folded, other);
    // A distance as long as the word would have replaced all of it.
    if (distance < least && distance < folded.size()) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest.empty() && begun_count == 1 ? begun : nearest;
}

std::string DidYouMean(std::string_view word, std::span<const std::string_view> candidates,
                       std::string_view prefix) {
  const std::string_view nearest = NearestWord(word, candidates);
  if (nearest.empty()) return {};
  return "; did you mean '" + std::string(prefix) + std::string(nearest) + "'?";
}

}  // namespace hctail
