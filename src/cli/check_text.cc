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
constexpr size_t kFewFiles = 3;       // of a format, of each of which is said how it was recognised
constexpr double kSure = 0.9;         // or of which that is said in any case
constexpr size_t kMostGroups = 6;     // of a format, that are shown
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
  void Lines(size_t indent, std::string_view text) {
    while (!text.empty()) {
      const size_t end = std::min(text.find('\n'), text.size());
      Line(indent, text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
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

  // No line would come to be parsed.
  bool EndsAtOnce() const {
    return report_.unknown_ends_run && std::ranges::all_of(trial_.formats, [](const auto& format) {
             return !format.advice.empty();
           });
  }

  void AddFindings();
  void AddFormat(size_t index);
  void AddFile(const TriedFile& file, bool in_short);
  void AddBlankFiles();
  void AddShapes(const ShapeTable& shapes);
  void AddGroup(const ShapeGroup& group);
  void AddPattern(std::string_view pattern);
  void AddTime(const Shape& shape);
  void AddFields(const ShapeGroup& group);
  void AddOthers(const std::vector<ShapeGroup>& groups, const ShapeTable& shapes);
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
    Lines(2, finding.text.hint);
  }
}

// --- Files ---

void TextRenderer::AddFormat(size_t index) {
  const TriedFormat& format = trial_.formats[index];
  std::string title = format.advice.empty() ? Painted(Colour::kBold, format.parser->name)
                                            : Painted(Colour::kRed, "format not recognised");
  if (!format.known && format.advice.empty()) title += ", for no format was recognised";
  if (format.wrapper == Wrapper::kDocker) title += ", in docker's log lines";
  if (format.wrapper == Wrapper::kCri) title += ", in a container runtime's log lines (CRI)";
  Line(0, "");
  Line(0, title);
  std::vector<const TriedFile*> files;
  for (const auto& [key, file] : trial_.files) {
    if (file.format == index) files.push_back(&file);
  }
  // Those that need a look come first.
  std::ranges::stable_sort(files, std::greater(), [](const TriedFile* file) {
    return file->unparsed > 0 || !file->choice.advice.empty();
  });
  const size_t shown = std::min(files.size(), kMostFiles);
  for (size_t i = 0; i < shown; ++i) AddFile(*files[i], files.size() > kFewFiles);
  if (files.size() > shown) Line(2, fmt::format("and {} more files", files.size() - shown));
  if (!format.advice.empty()) {
    Line(4, report_.unknown_ends_run ? "A run would end at once."
                                     : "A run would take their lines for JSON.");
    Lines(4, format.advice);
  }
  AddShapes(format.shapes);
}

// Why the format of a file is what it is.
std::string WhyText(const FormatChoice& choice) {
  std::string why = fmt::format("recognised, {:.0f} % sure: {}", 100 * choice.confidence.score,
                                choice.confidence.reason);
  if (choice.second != nullptr) {
    why += fmt::format("; next {}, {:.0f} %", choice.second->name, 100 * choice.runner_up.score);
  }
  return why;
}

void TextRenderer::AddFile(const TriedFile& file, bool in_short) {
  std::string line =
      fmt::format("  {}: {}{}, {} for dataset '{}'", file.path, file.whole ? "" : "the first ",
                  Plural(file.lines, "line"), Plural(file.events, "event"), file.dataset);
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
    case FormatChoice::How::kUnknown:
      return;
    case FormatChoice::How::kRecognised:
      break;
  }
  if (in_short && file.choice.confidence.score >= kSure) return;
  Line(4, Painted(Colour::kDim, Fit(WhyText(file.choice), style_.width - 4)));
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

void TextRenderer::AddShapes(const ShapeTable& shapes) {
  const std::vector<ShapeGroup> groups = GroupShapes(shapes.Sorted());
  for (size_t i = 0; i < std::min(groups.size(), kMostGroups); ++i) AddGroup(groups[i]);
  if (groups.size() > kMostGroups || shapes.other_events() > 0) AddOthers(groups, shapes);
}

void TextRenderer::AddGroup(const ShapeGroup& group) {
  const Shape& shape = *group.first;
  Line(0, "");
  Line(2, Painted(Colour::kBold, Plural(group.events, "event")) +
              fmt::format(", such as {}", PlaceOf(shape.file, shape.offset)));
  AddPattern(shape.pattern);
  AddTime(shape);
  AddFields(group);
}

// Broken into lines at blanks: formats often differ at their ends only.
void TextRenderer::AddPattern(std::string_view pattern) {
  const std::string text = Printable(pattern);
  std::string_view rest = text;
  const size_t width = style_.width - 13;
  for (std::string_view label = "pattern"; !rest.empty(); label = "") {
    size_t size = rest.size();
    if (size > width) {
      size = rest.rfind(' ', width);
      if (size == std::string_view::npos || size == 0) size = rest.size();
    }
    Line(4, Padded(std::string(label), 9) + std::string(rest.substr(0, size)));
    rest.remove_prefix(std::min(size + 1, rest.size()));
  }
}

void TextRenderer::AddTime(const Shape& shape) {
  const std::string time = FormatRfc3339(shape.time);
  if (shape.time_from.empty()) {
    Line(4, "time     " + Painted(Colour::kYellow, "none found") + ": it is when the line is read");
  } else {
    Line(4, fmt::format("time     {}, from {}", time, Printable(shape.time_from)));
  }
}

// "12 %" of `whole`, "" if it is all.
std::string ShareText(uint64_t part, uint64_t whole) {
  if (part >= whole) return "";
  if (100 * part < whole) return "<1 %";
  return fmt::format("{} %", 100 * part / whole);
}

void TextRenderer::AddFields(const ShapeGroup& group) {
  size_t name_width = 0;
  size_t share_width = 0;
  for (const ShapeGroup::Member& member : group.members) {
    const size_t width = WidthOf(Printable(member.field->name));
    if (width <= kLongestName) name_width = std::max(name_width, width);
    share_width = std::max(share_width, ShareText(member.events, group.events).size());
  }
  std::string_view label = "fields";
  for (const ShapeGroup::Member& member : group.members) {
    const std::string name = Padded(Printable(member.field->name), name_width);
    std::string details = "  " + Padded(std::string(NameOf(member.field->type)), 7);
    if (share_width > 0) {
      details += fmt::format("  {:>{}}", ShareText(member.events, group.events), share_width);
    }
    const size_t used = 4 + 9 + WidthOf(name) + details.size() + 2;
    const std::string example =
        Fit(Printable(member.field->example), std::max(style_.width, used + 20) - used);
    Line(4, fmt::format("{:9}{}{}  {}", label, name, Painted(Colour::kDim, details), example));
    label = "";
  }
}

// What is not shown: how much it is, and which fields only stand there.
void TextRenderer::AddOthers(const std::vector<ShapeGroup>& groups, const ShapeTable& shapes) {
  std::map<std::string_view, bool> names;  // true: it was shown
  uint64_t events = shapes.other_events();
  for (size_t i = 0; i < groups.size(); ++i) {
    if (i >= kMostGroups) events += groups[i].events;
    for (const auto& member : groups[i].members) {
      names.try_emplace(member.field->name, i < kMostGroups);
    }
  }
  std::string fields;
  for (const auto& [name, shown] : names) {
    if (!shown) fields += (fields.empty() ? "" : ", ") + Printable(name);
  }
  Line(0, "");
  Line(2, Painted(Colour::kBold, Plural(events, "event")) +
              " with still other fields; --json lists them");
  if (!fields.empty()) Fitted(4, "fields   " + fields);
}

// --- What is not parsed ---

void TextRenderer::AddRefusals() {
  if (trial_.refusals.empty() || EndsAtOnce()) return;
  std::vector<const TriedRefusal*> sorted;
  sorted.reserve(trial_.refusals.size());
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

// They get the time when they are read.
uint64_t TimelessEvents(const Trial& trial) {
  uint64_t events = 0;
  for (const TriedFormat& format : trial.formats) {
    for (const Shape* shape : format.shapes.Sorted()) {
      if (shape->time_from.empty()) events += shape->events;
    }
  }
  return events;
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
    Line(0, Painted(report_.file_is_missing ? Colour::kRed : Colour::kYellow,
                    "there is no line to be tried"));
    return;
  }
  std::string files = Plural(trial_.files.size(), "file");
  std::string lines = Plural(total.lines, "line");
  if (!total.whole) lines += fmt::format(" (at most {} of each file)", Grouped(report_.lines));
  if (total.unparsed > 0) {
    const std::string refused =
        fmt::format("{} would not be parsed", Plural(total.unparsed, "record"));
    Line(0, Painted(Colour::kRed, refused) + fmt::format(", of {} in {}", lines, files));
    if (!EndsAtOnce()) Line(2, report_.unparsed_go);
  } else if (trial_.abandoned_bytes > 0) {
    Line(0, Painted(Colour::kRed, "not everything can be read") +
                fmt::format(": {} in {}", lines, files));
  } else if (report_.some_unparsed()) {
    Line(0, Painted(Colour::kRed, "not every format is recognised") +
                fmt::format(": {} in {}", lines, files));
  } else if (report_.file_is_missing) {
    Line(0, Painted(Colour::kRed, "not every file is there") +
                fmt::format(": {} in {} make {}", lines, files, Plural(total.events, "event")));
  } else if (total.events == 0) {
    Line(0, Painted(Colour::kYellow, "nothing would be sent") +
                fmt::format(": {} in {} make no event", lines, files));
  } else {
    Line(0, Painted(Colour::kGreen, "all is well") +
                fmt::format(": {} in {} make {}", lines, files, Plural(total.events, "event")));
    if (const uint64_t timeless = TimelessEvents(trial_); timeless > 0) {
      Line(2, Painted(Colour::kYellow,
                      fmt::format("{} of them without a time of their own", Grouped(timeless))));
    }
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
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // The second byte of a control from U+0080 to U+009F, whose first is here.
    const bool control = byte == 0xc2 && is_text && (text[i + 1] & '\x60') == 0;
    if (text[i] == '\n') {
      out += "\\n";
    } else if (text[i] == '\t') {
      out += "\\t";
    } else if (control) {
      out += fmt::format("\\xc2\\x{:02x}", static_cast<unsigned char>(text[++i]));
    } else if (byte < 0x20 || byte == 0x7f || (byte >= 0x80 && !is_text)) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string RenderText(const CheckReport& report, const TextStyle& style) {
  return TextRenderer(report, style).Render();
}

}  // namespace hctail
