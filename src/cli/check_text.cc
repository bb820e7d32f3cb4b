// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>

#include "base/time_format.h"
#include "base/utf8.h"
#include "cli/check_report.h"

namespace hctail {
namespace {

constexpr size_t kMostFiles = 12;     // of a format, that are listed
constexpr size_t kMostShapes = 6;     // of a format, that are shown
constexpr size_t kMostReasons = 8;    // why records are not parsed
constexpr size_t kMostPerReason = 3;  // examples
constexpr size_t kLongestName = 32;   // of a field, that others are aligned with

enum class Colour : uint8_t { kRed, kYellow, kGreen, kBold, kDim };

std::string Plural(uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", Grouped(count), noun, count == 1 ? "" : "s");
}

// The number of characters.
size_t WidthOf(std::string_view text) {
  return static_cast<size_t>(
      std::ranges::count_if(text, [](char c) { return (c & '\xc0') != '\x80'; }));
}

// `text` in at most `width` characters.
std::string Fit(std::string_view text, size_t width) {
  if (WidthOf(text) <= width) return std::string(text);
  size_t end = 0;
  for (size_t left = std::max<size_t>(width, 2); end < text.size(); ++end) {
    if ((text[end] & '\xc0') != '\x80' && --left == 0) break;
  }
  return std::string(text.substr(0, end)) + "…";
}

std::string Padded(std::string text, size_t width) {
  text.append(width - std::min(width, WidthOf(text)), ' ');
  return text;
}

class TextRenderer {
 public:
  TextRenderer(const CheckReport& report, const TextStyle& style)
      : report_(report), trial_(report.trial), style_(style) {}

  std::string Render() {
    AddFindings();
    for (size_t i = 0; i < trial_.formats.size(); ++i) AddFormat(i);
    AddBlankFiles();
    AddRefusals();
    AddVerdict();
    return std::move(out_);
  }

 private:
  std::string Painted(Colour colour, std::string_view text) const {
    if (!style_.colours) return std::string(text);
    static constexpr std::string_view kCodes[] = {"31", "33", "32", "1", "2"};
    return fmt::format("\x1b[{}m{}\x1b[0m", kCodes[static_cast<size_t>(colour)], text);
  }

  void Line(size_t indent, std::string_view text) {
    out_.append(indent, ' ').append(text).append("\n");
  }
  // Cut to the width; for what is not painted.
  void Fitted(size_t indent, std::string_view text) {
    Line(indent, Fit(text, style_.width - std::min(style_.width, indent)));
  }

  std::string PlaceOf(FileKey key, uint64_t offset) const {
    const auto file = trial_.files.find(key);
    if (file == trial_.files.end()) return {};
    const uint64_t line = file->second.LineOf(offset);
    return line > 0 ? fmt::format("{}:{}", file->second.path, line)
                    : fmt::format("{}, byte {}", file->second.path, offset);
  }

  void AddFindings();
  void AddFormat(size_t index);
  void AddFile(const TriedFile& file);
  void AddBlankFiles();
  void AddShapes(const ShapeTable& shapes);
  void AddShape(const Shape& shape, const Shape* like);
  void AddTime(const Shape& shape);
  void AddFields(std::string_view label, const std::vector<const ShapeField*>& fields);
  void AddOthers(const std::vector<const Shape*>& sorted, const ShapeTable& shapes);
  void AddRefusals();
  void AddVerdict();

  const CheckReport& report_;
  const Trial& trial_;
  const TextStyle& style_;
  std::string out_;
};

void TextRenderer::AddFindings() {
  struct Look {
    std::string_view word;
    Colour colour;
  };
  static constexpr Look kLooks[] = {{"ok", Colour::kGreen},
                                    {"note", Colour::kDim},
                                    {"warning", Colour::kYellow},
                                    {"error", Colour::kRed}};
  for (const Finding& finding : report_.findings) {
    const Look& look = kLooks[static_cast<size_t>(finding.level)];
    Line(0, Painted(look.colour, fmt::format("{}:", look.word)) + " " + finding.text.message);
    std::string_view hint = finding.text.hint;
    while (!hint.empty()) {
      const size_t end = std::min(hint.find('\n'), hint.size());
      Line(2, hint.substr(0, end));
      hint.remove_prefix(std::min(end + 1, hint.size()));
    }
  }
}

// --- Files ---

void TextRenderer::AddFormat(size_t index) {
  const TriedFormat& format = trial_.formats[index];
  std::string title = Painted(Colour::kBold, format.parser->name);
  if (format.wrapper == Wrapper::kDocker) title += ", in docker's log lines";
  if (format.wrapper == Wrapper::kCri) title += ", in a container runtime's log lines (CRI)";
  Line(0, "");
  Line(0, title);
  size_t files = 0;
  for (const auto& [key, file] : trial_.files) {
    if (file.format == index && ++files <= kMostFiles) AddFile(file);
  }
  if (files > kMostFiles) Line(2, fmt::format("and {} more files", files - kMostFiles));
  AddShapes(format.shapes);
}

void TextRenderer::AddFile(const TriedFile& file) {
  std::string line = fmt::format("  {}: {}{}, {} for dataset '{}'", file.path,
                                 file.whole ? "" : "the first ", Plural(file.lines, "line"),
                                 Plural(file.events, "event"), file.dataset);
  if (file.sampled_out > 0) {
    line += fmt::format(", {} of them sampled out", Grouped(file.sampled_out));
  }
  if (file.skipped > 0) line += fmt::format(", {} skipped", Grouped(file.skipped));
  if (file.unparsed > 0) {
    line += ", " + Painted(Colour::kRed, Grouped(file.unparsed) + " not parsed");
  }
  Line(0, line);
  switch (file.choice.how) {
    case FormatChoice::How::kAsked:
      return;
    case FormatChoice::How::kUnknown:
      Line(4, Painted(Colour::kRed, "its format is not recognised; it is taken for JSON"));
      Line(4, "Name the format with --parser; 'hctail --list-parsers' tells which there are.");
      return;
    case FormatChoice::How::kRecognised:
      break;
  }
  std::string why = fmt::format("recognised, {:.0f} % sure: {}", 100 * file.choice.confidence.score,
                                file.choice.confidence.reason);
  if (file.choice.second != nullptr) {
    why += fmt::format("; next {}, {:.0f} %", file.choice.second->name,
                       100 * file.choice.runner_up.score);
  }
  Line(4, Painted(Colour::kDim, Fit(why, style_.width - 4)));
}

void TextRenderer::AddBlankFiles() {
  for (const auto& [key, file] : trial_.files) {
    if (file.format == TriedFile::kNone) {
      Line(0, "");
      Line(0, fmt::format("{}: only blank lines", file.path));
    }
  }
}

// --- Shapes ---

// The field called `name`, if its type is that of `field` too.
const ShapeField* SameIn(const Shape& shape, const ShapeField& field) {
  const auto found = std::ranges::find(shape.fields, field.name, &ShapeField::name);
  return found != shape.fields.end() && found->type == field.type ? &*found : nullptr;
}

// Of the fields of `a`, those that `b` has not.
std::vector<const ShapeField*> Without(const Shape& a, const Shape& b) {
  std::vector<const ShapeField*> fields;
  for (const ShapeField& field : a.fields) {
    if (SameIn(b, field) == nullptr) fields.push_back(&field);
  }
  return fields;
}

// The shape from which `shape` differs least, if that is shorter to say than all of it.
const Shape* Nearest(const Shape& shape, std::span<const Shape* const> shown) {
  const Shape* nearest = nullptr;
  size_t least = shape.fields.size() / 2 + 1;
  for (const Shape* other : shown) {
    const size_t differences = Without(shape, *other).size() + Without(*other, shape).size();
    if (differences >= least) continue;
    least = differences;
    nearest = other;
  }
  return nearest;
}

void TextRenderer::AddShapes(const ShapeTable& shapes) {
  const std::vector<const Shape*> sorted = shapes.Sorted();
  const size_t shown = std::min(sorted.size(), kMostShapes);
  for (size_t i = 0; i < shown; ++i) {
    AddShape(*sorted[i], Nearest(*sorted[i], std::span(sorted).first(i)));
  }
  if (shown < sorted.size() || shapes.other_events() > 0) AddOthers(sorted, shapes);
}

void TextRenderer::AddShape(const Shape& shape, const Shape* like) {
  Line(0, "");
  Line(2, Painted(Colour::kBold, Plural(shape.events, "event")) +
              fmt::format(", the first at {}", PlaceOf(shape.file, shape.offset)));
  if (!shape.pattern.empty() && (like == nullptr || like->pattern != shape.pattern)) {
    Fitted(4, "pattern  " + Printable(shape.pattern));
  }
  AddTime(shape);
  if (like == nullptr) {
    std::vector<const ShapeField*> all;
    for (const ShapeField& field : shape.fields) all.push_back(&field);
    AddFields("fields", all);
    return;
  }
  std::string text = fmt::format("fields   as at {}", PlaceOf(like->file, like->offset));
  std::string missing;
  for (const ShapeField* field : Without(*like, shape)) {
    const bool other_type =
        std::ranges::find(shape.fields, field->name, &ShapeField::name) != shape.fields.end();
    if (!other_type) missing += (missing.empty() ? "" : ", ") + Printable(field->name);
  }
  Line(4, text);
  if (!missing.empty()) Fitted(4, "without  " + missing);
  AddFields("and", Without(shape, *like));
}

void TextRenderer::AddTime(const Shape& shape) {
  const std::string time = FormatRfc3339(shape.time);
  if (shape.time_from.empty()) {
    Line(4, "time     " + Painted(Colour::kYellow, "none found") + ": it is when the line is read");
  } else {
    Line(4, fmt::format("time     {}, from {}", time, Printable(shape.time_from)));
  }
}

void TextRenderer::AddFields(std::string_view label, const std::vector<const ShapeField*>& fields) {
  size_t widest = 0;
  for (const ShapeField* field : fields) {
    const size_t width = WidthOf(Printable(field->name));
    if (width <= kLongestName) widest = std::max(widest, width);
  }
  for (const ShapeField* field : fields) {
    const std::string name = Padded(Printable(field->name), widest);
    const std::string type = Padded(std::string(NameOf(field->type)), 7);
    const size_t used = 4 + 9 + WidthOf(name) + 2 + type.size() + 2;
    const std::string example =
        Fit(Printable(field->example), std::max<size_t>(style_.width, used + 20) - used);
    Line(4, Padded(std::string(label), 9) + name + "  " + Painted(Colour::kDim, type) + "  " +
                example);
    label = "";
  }
}

// The shapes that are not shown: how many, and which fields only they have.
void TextRenderer::AddOthers(const std::vector<const Shape*>& sorted, const ShapeTable& shapes) {
  std::map<std::string_view, bool> names;  // true: it was shown
  uint64_t events = shapes.other_events();
  for (size_t i = 0; i < sorted.size(); ++i) {
    if (i >= kMostShapes) events += sorted[i]->events;
    for (const ShapeField& field : sorted[i]->fields) {
      names.try_emplace(field.name, i < kMostShapes);
    }
  }
  std::string fields;
  for (const auto& [name, shown] : names) {
    if (!shown) fields += (fields.empty() ? "" : ", ") + Printable(name);
  }
  Line(0, "");
  const std::string more = shapes.other_events() > 0
                               ? "many more shapes"
                               : Plural(sorted.size() - kMostShapes, "more shape");
  Line(2, Painted(Colour::kBold, Plural(events, "event")) + " of " + more + "; --json lists them");
  if (!fields.empty()) Fitted(4, "fields   " + fields);
}

// --- What is not parsed ---

void TextRenderer::AddRefusals() {
  if (trial_.refusals.empty()) return;
  std::vector<const TriedRefusal*> sorted;
  for (const TriedRefusal& refusal : trial_.refusals) sorted.push_back(&refusal);
  std::ranges::stable_sort(sorted, std::greater(), &TriedRefusal::records);
  Line(0, "");
  Line(0, Painted(Colour::kRed, "not parsed"));
  for (size_t i = 0; i < std::min(sorted.size(), kMostReasons); ++i) {
    Line(2, fmt::format("{}: {}", Plural(sorted[i]->records, "record"), sorted[i]->reason));
    size_t left = kMostPerReason;
    for (const TriedRefusal::Example& example : sorted[i]->examples) {
      if (left-- == 0) break;
      Fitted(4, fmt::format("{}  {}", PlaceOf(example.file, example.offset),
                            Printable(example.record)));
    }
  }
  if (sorted.size() > kMostReasons) {
    Line(2, fmt::format("and for {} more reasons", sorted.size() - kMostReasons));
  }
}

void TextRenderer::AddVerdict() {
  const TriedFile total = trial_.Total();
  if (!out_.empty()) Line(0, "");
  if (const size_t errors = report_.CountOf(Finding::Level::kError); errors > 0) {
    std::string text = fmt::format("{} to be mended", Plural(errors, "error"));
    if (!report_.tried) text += "; no line was tried";
    Line(0, Painted(Colour::kRed, text));
    if (!report_.tried) return;
  }
  if (!report_.tried) {
    Line(0, Painted(Colour::kGreen, "the configuration is good"));
    return;
  }
  if (trial_.files.empty()) {
    Line(0, Painted(Colour::kYellow, "there is no line to be tried"));
    return;
  }
  std::string files = Plural(trial_.files.size(), "file");
  std::string lines = Plural(total.lines, "line");
  if (!total.whole) lines += fmt::format(" (at most {} of each file)", Grouped(report_.lines));
  if (total.unparsed > 0) {
    Line(0, Painted(Colour::kRed, fmt::format("{} would not be parsed",
                                              Plural(total.unparsed, "record"))) +
                fmt::format(" of {} in {}; {}", lines, files, report_.unparsed_go));
  } else if (trial_.abandoned_bytes > 0) {
    Line(0, Painted(Colour::kRed, "not everything can be read") +
                fmt::format(": {} in {}", lines, files));
  } else if (report_.some_unparsed()) {
    Line(0, Painted(Colour::kRed, "not every format is recognised") +
                fmt::format(": {} in {}", lines, files));
  } else {
    Line(0, Painted(Colour::kGreen, "all would arrive") +
                fmt::format(": {} in {}, {}", lines, files, Plural(total.events, "event")));
  }
}

}  // namespace

std::string Grouped(uint64_t number) {
  std::string text = std::to_string(number);
  for (size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
  return text;
}

std::string Printable(std::string_view text) {
  std::string out;
  const bool is_text = IsUtf8(text);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7f || (byte >= 0x80 && !is_text)) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += c;
    }
  }
  return out;
}

std::string RenderText(const CheckReport& report, const TextStyle& style) {
  return TextRenderer(report, style).Render();
}

}  // namespace hctail
