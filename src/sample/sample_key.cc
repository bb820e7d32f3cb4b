// SPDX-License-Identifier: Apache-2.0
#include "sample/sample_key.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/fingerprint.h"

namespace hctail {
namespace {

constexpr std::string_view kBullet = "\xE2\x80\xA2";

struct BucketName {
  std::string_view name;
  Bucket bucket;
};
constexpr BucketName kBuckets[] = {
    {"tens", Bucket::kTens}, {"hundreds", Bucket::kHundreds}, {"thousands", Bucket::kThousands},
    {"log2", Bucket::kLog2}, {"log10", Bucket::kLog10},
};

// The largest power of `base` that is not above `number`, which is positive.
double PowerBelow(double number, double base) {
  double exponent = std::floor(base == 2 ? std::log2(number) : std::log10(number));
  if (std::pow(base, exponent + 1) <= number) ++exponent;  // log10 may fall short by a hair
  if (std::pow(base, exponent) > number) --exponent;
  return std::pow(base, exponent);
}

double LowerEnd(double number, Bucket bucket) {
  switch (bucket) {
    case Bucket::kTens:
      return std::floor(number / 10) * 10;
    case Bucket::kHundreds:
      return std::floor(number / 100) * 100;
    case Bucket::kThousands:
      return std::floor(number / 1000) * 1000;
    case Bucket::kLog2:
    case Bucket::kLog10:
      if (number == 0) return 0;
      return std::copysign(PowerBelow(std::fabs(number), bucket == Bucket::kLog2 ? 2 : 10), number);
    case Bucket::kNone:
      break;
  }
  return number;
}

void AppendValue(std::string_view value, std::string* key) {
  if (value.size() <= KeyFields::kLongestValue) {
    key->append(value);
    return;
  }
  key->append(value.substr(0, KeyFields::kLongestValue - 17));
  fmt::format_to(std::back_inserter(*key), "~{:016x}", HashBytes(value));
}

}  // namespace

void AppendBucket(double number, Bucket bucket, std::string* out) {
  const double end = LowerEnd(number, bucket) + 0.0;  // no "-0"
  char text[32];
  char* const limit = text + sizeof text;
  const bool whole = std::fabs(end) < 1e15 && end == std::trunc(end);
  const auto written = whole ? std::to_chars(text, limit, static_cast<int64_t>(end))
                             : std::to_chars(text, limit, end);
  out->append(text, written.ptr);
}

KeyFields::KeyFields(std::span<const std::string> fields) {
  for (const std::string& spelling : fields) {
    const size_t colon = spelling.rfind(':');
    std::string path = spelling;
    Bucket bucket = Bucket::kNone;
    for (const BucketName& known : kBuckets) {
      if (colon == std::string::npos || spelling.substr(colon + 1) != known.name) continue;
      path = spelling.substr(0, colon);
      bucket = known.bucket;
    }
    fields_.push_back({spelling, FieldPath(path), bucket});
  }
  std::ranges::sort(fields_, {}, &KeyField::spelling);
  const auto again = std::ranges::unique(fields_, {}, &KeyField::spelling);
  fields_.erase(again.begin(), again.end());
}

std::string KeyFields::Names() const {
  std::string names;
  for (const KeyField& field : fields_) {
    if (!names.empty()) names += ',';
    names += field.spelling;
  }
  return names;
}

void KeyFields::Build(const Event& event, std::string* key, std::string* scratch) const {
  key->clear();
  for (size_t i = 0; i < fields_.size(); ++i) {
    if (i > 0) key->append(kBullet);
    const KeyField& field = fields_[i];
    const FieldValue value = field.path.Find(event, scratch);
    if (field.bucket != Bucket::kNone) {
      if (const auto number = value.Number()) {
        AppendBucket(*number, field.bucket, key);
        continue;
      }
    }
    AppendValue(value.Text(scratch), key);
  }
}

}  // namespace hctail
