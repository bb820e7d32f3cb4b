// SPDX-License-Identifier: Apache-2.0
// The key of an event: the values of some fields, by which a dynamic sampler tells kinds of events
// apart.
//
// The fields are put in the order of their names, so that in whatever order they were given the
// keys are the same (Refinery 3.2.2 made two keys of them).  Values are joined by a bullet, as
// Refinery does; one that is missing or null is empty.  A value may hold a bullet itself: then two
// kinds may share a key and so a rate, and every weight is still true.
//
// A number can be put in a bucket: status:hundreds makes 503 and 504 the key 500, and
// duration_ms:log2 makes 300 the key 256.  The bucket is named by its lower end.
//
// KeyFields is immutable and thread-safe.  Building allocates only while the strings grow.
// Tested by sample_key_test.cc.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sample/field_path.h"

namespace hctail {

enum class Bucket : uint8_t { kNone, kTens, kHundreds, kThousands, kLog2, kLog10 };

class KeyFields {
 public:
  // Longer values are cut to this many bytes, the last of which are a hash of the whole.
  static constexpr size_t kLongestValue = 128;

  KeyFields() = default;
  // Each is a field's path, perhaps with ":BUCKET": tens, hundreds, thousands, log2 or log10.  What
  // follows the last colon is part of the path if it is no bucket.  Equal ones count once.
  explicit KeyFields(std::span<const std::string> fields);

  bool empty() const { return fields_.empty(); }
  // "method,status:hundreds": what tells one set of fields from another.
  std::string Names() const;
  // Replaces `key`; `scratch` is overwritten.
  void Build(const Event& event, std::string* key, std::string* scratch) const;

 private:
  struct KeyField {
    std::string spelling;
    FieldPath path;
    Bucket bucket;
  };
  std::vector<KeyField> fields_;
};

// The lower end of the bucket `number` is in, as text: 503 in kHundreds is "500", -300 in kLog2 is
// "-256".  Zero is "0".
void AppendBucket(double number, Bucket bucket, std::string* out);

}  // namespace hctail
