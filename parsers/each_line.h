// SPDX-License-Identifier: Apache-2.0
// A Parser as a FileParser: each line is a record.
#pragma once

#include <memory>
#include <utility>

#include "parsers/parser.h"

namespace hctail {

class EachLine final : public FileParser {
 public:
  // Several files' streams may share `parser`, if one thread serves them.
  explicit EachLine(std::shared_ptr<Parser> parser) : parser_(std::move(parser)) {}

  void Take(const FileLine& line, RecordSink* sink) override {
    const Parsed parsed = parser_->Parse(line.text, sink->NewEvent());
    switch (parsed.outcome) {
      case Parsed::Outcome::kEvent:
        sink->Emit();
        break;
      case Parsed::Outcome::kSkip:
        sink->Skip();
        break;
      case Parsed::Outcome::kMalformed:
        sink->Malformed(parsed.why, line.text);
        break;
    }
    sink->Complete(line.end);
  }
  void OnPause(Pause, Duration, uint64_t, RecordSink*) override {}
  bool holding() const override { return false; }

 private:
  const std::shared_ptr<Parser> parser_;
};

}  // namespace hctail
