// SPDX-License-Identifier: Apache-2.0
#include "parsers/transcript/words.h"

#include <algorithm>

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

struct StreamWord {
  std::string_view word;  // up to the message
  Stream stream;
};
constexpr StreamWord kStreamWords[] = {
    {"WARNING: ", Stream::kWarning},
    {"VERBOSE: ", Stream::kVerbose},
    {"DEBUG: ", Stream::kDebug},
    {"UPOZORNĚNÍ: ", Stream::kWarning},
    {"PODROBNÉ: ", Stream::kVerbose},
    {"LADIT: ", Stream::kDebug},
    {"LADĚNÍ: ", Stream::kDebug},
    {"WARNUNG: ", Stream::kWarning},
    {"AUSFÜHRLICH: ", Stream::kVerbose},
    {"DEBUGGEN: ", Stream::kDebug},
    {"ADVERTENCIA: ", Stream::kWarning},
    {"DETALLADO: ", Stream::kVerbose},
    {"DEPURACIÓN: ", Stream::kDebug},
    {"DEPURAR: ", Stream::kDebug},
    {"AVERTISSEMENT : ", Stream::kWarning},
    {"AVERTISSEMENT : ", Stream::kWarning},
    {"AVERTISSEMENT: ", Stream::kWarning},
    {"DÉTAILLÉ : ", Stream::kVerbose},
    {"DÉTAILLÉ : ", Stream::kVerbose},
    {"COMMENTAIRES : ", Stream::kVerbose},
    {"COMMENTAIRES : ", Stream::kVerbose},
    {"DÉBOGUER : ", Stream::kDebug},
    {"DÉBOGUER : ", Stream::kDebug},
    {"DÉBOGAGE : ", Stream::kDebug},
    {"DÉBOGAGE : ", Stream::kDebug},
    {"AVVISO: ", Stream::kWarning},
    {"DETTAGLIATO: ", Stream::kVerbose},
    {"警告: ", Stream::kWarning},
    {"詳細: ", Stream::kVerbose},
    {"デバッグ: ", Stream::kDebug},
    {"경고: ", Stream::kWarning},
    {"자세한 정보: ", Stream::kVerbose},
    {"자세한 정보 표시: ", Stream::kVerbose},
    {"디버그: ", Stream::kDebug},
    {"OSTRZEŻENIE: ", Stream::kWarning},
    {"PEŁNE INFORMACJE: ", Stream::kVerbose},
    {"PEŁNE: ", Stream::kVerbose},
    {"DEBUGOWANIE: ", Stream::kDebug},
    {"AVISO: ", Stream::kWarning},
    {"DETALHADO: ", Stream::kVerbose},
    {"DEPURAÇÃO: ", Stream::kDebug},
    {"ВНИМАНИЕ! ", Stream::kWarning},
    {"ПРЕДУПРЕЖДЕНИЕ: ", Stream::kWarning},
    {"ПОДРОБНО: ", Stream::kVerbose},
    {"ПОДРОБНОСТИ: ", Stream::kVerbose},
    {"ОТЛАДКА: ", Stream::kDebug},
    {"UYARI: ", Stream::kWarning},
    {"AYRINTILI: ", Stream::kVerbose},
    {"HATA AYIKLA: ", Stream::kDebug},
    {"详细信息: ", Stream::kVerbose},
    {"调试: ", Stream::kDebug},
    {"詳細資訊: ", Stream::kVerbose},
    {"偵錯: ", Stream::kDebug},
    {"VARNING: ", Stream::kWarning},
    {"UTFÖRLIG: ", Stream::kVerbose},
    {"WAARSCHUWING: ", Stream::kWarning},
    {"UITGEBREID: ", Stream::kVerbose},
    {"FIGYELMEZTETÉS: ", Stream::kWarning},
};

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
  for (const StreamWord& word : kStreamWords) {
    if (line.starts_with(word.word)) return word.stream;
  }
  return Stream::kOutput;
}

bool IsStartedNote(std::string_view line) {
  return std::ranges::any_of(kStartedNotes,
                             [&](std::string_view note) { return line.starts_with(note); });
}

}  // namespace hctail::transcript
