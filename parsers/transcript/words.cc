// SPDX-License-Identifier: Apache-2.0
#include "parsers/transcript/words.h"

#include <algorithm>
#include <span>
#include <utility>

#include "parsers/transcript/text.h"

namespace hctail::transcript {
namespace {

struct TimeLabels {
  std::string_view language;
  std::string_view start;
  std::string_view end;
};
constexpr TimeLabels kTimeLabels[] = {
    {"en", "Start time", "End time"},
    {"cs", "Čas zahájení", "Čas ukončení"},
    {"de", "Startzeit", "Endzeit"},
    {"es", "Hora de inicio", "Hora de finalización"},
    {"fr", "Heure de début", "Heure de fin"},
    {"it", "Ora di inizio", "Ora di fine"},
    {"ja", "開始時刻", "終了時刻"},
    {"ko", "시작 시간", "종료 시간"},
    {"pl", "Czas rozpoczęcia", "Godzina zakończenia"},
    {"pt", "Hora de início", "Hora de término"},
    {"ru", "Время начала", "Время окончания"},
    {"tr", "Başlangıç saati", "Bitiş saati"},
    {"tr", "Başlangıç zamanı", "Bitiş zamanı"},
    {"zh-Hans", "开始时间", "结束时间"},
    {"zh-Hant", "開始時間", "結束時間"},
    {"sv", "Starttid", "Sluttid"},
    {"nl", "Begintijd", "Eindtijd"},
    {"nl", "Starttijd", "Eindtijd"},
    {"hu", "Kezdés időpontja", "Befejezés időpontja"},
};

// What stands before the colon.
constexpr std::string_view kWarnings[] = {
    "WARNING", "UPOZORNĚNÍ", "WARNUNG",      "ADVERTENCIA",   "AVERTISSEMENT", "AVVISO",
    "警告",    "경고",       "OSTRZEŻENIE",  "AVISO",         "ВНИМАНИЕ",      "ПРЕДУПРЕЖДЕНИЕ",
    "UYARI",   "VARNING",    "WAARSCHUWING", "FIGYELMEZTETÉS"};
constexpr std::string_view kVerbose[] = {
    "VERBOSE",          "PODROBNÉ",    "AUSFÜHRLICH", "DETALLADO",   "DÉTAILLÉ",
    "COMMENTAIRES",     "DETTAGLIATO", "詳細",        "자세한 정보", "자세한 정보 표시",
    "PEŁNE INFORMACJE", "PEŁNE",       "DETALHADO",   "ПОДРОБНО",    "ПОДРОБНОСТИ",
    "AYRINTILI",        "详细信息",    "詳細資訊",    "UTFÖRLIG",    "UITGEBREID"};
constexpr std::string_view kDebug[] = {"DEBUG",      "LADIT",       "LADĚNÍ",      "DEBUGGEN",
                                       "DEPURACIÓN", "DEPURAR",     "DÉBOGUER",    "DÉBOGAGE",
                                       "デバッグ",   "디버그",      "DEBUGOWANIE", "DEPURAÇÃO",
                                       "ОТЛАДКА",    "HATA AYIKLA", "调试",        "偵錯"};
constexpr std::pair<Stream, std::span<const std::string_view>> kStreamWords[] = {
    {Stream::kWarning, kWarnings}, {Stream::kVerbose, kVerbose}, {Stream::kDebug, kDebug}};
constexpr size_t kLongestWord = 32;

// The text of "Transcript started, output file is X" before X.
constexpr std::string_view kStartedNotes[] = {
    "Transcript started, output file is ",
    "Přepis byl spuštěn, ",
    "Die Transkription wurde gestartet",
    "Die Aufzeichnung wurde gestartet",
    "Transcripción iniciada, ",
    "La transcripción ha comenzado",
    "La transcription a démarré",
    "Transcription démarrée",
    "Trascrizione avviata",
    "トランスクリプトが開始されました",
    "대화 내용 기록이 시작되었습니다",
    "기록이 시작되었습니다",
    "Rozpoczęto transkrypcję, ",
    "Transcrição iniciada, ",
    "A transcrição foi iniciada",
    "Расшифровка начата, ",
    "Запись сценария запущена",
    "Transkript başlatıldı, ",
    "转录已开始",
    "已启动脚本",
    "已開始文字記錄",
    "已啟動文字記錄",
};

}  // namespace

std::string_view LanguageOfStart(std::string_view label) {
  const auto found = std::ranges::find(kTimeLabels, label, &TimeLabels::start);
  return found == std::end(kTimeLabels) ? std::string_view() : found->language;
}

bool IsEndLabel(std::string_view label) {
  return std::ranges::find(kTimeLabels, label, &TimeLabels::end) != std::end(kTimeLabels);
}

Stream StreamOf(std::string_view line) {
  // Words begin with a capital letter, or with one that is not of ASCII.
  if (line.size() < 6) return Stream::kOutput;
  const char first = line[0];
  if (!(first >= 'A' && first <= 'Z') && static_cast<unsigned char>(first) < 0xC3) {
    return Stream::kOutput;
  }
  // French has a blank before the colon, Russian another mark.
  const size_t mark = line.substr(0, kLongestWord + 3).find_first_of(":!");
  if (mark == std::string_view::npos || line.substr(mark + 1, 1) != " ") return Stream::kOutput;
  const std::string_view word = Trim(line.substr(0, mark));
  for (const auto& [stream, words] : kStreamWords) {
    if (std::ranges::find(words, word) != words.end()) return stream;
  }
  return Stream::kOutput;
}

bool IsStartedNote(std::string_view line) {
  return std::ranges::any_of(kStartedNotes,
                             [&](std::string_view note) { return line.starts_with(note); });
}

}  // namespace hctail::transcript
