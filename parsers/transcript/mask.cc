// SPDX-License-Identifier: Apache-2.0
#include "parsers/transcript/mask.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "parsers/transcript/error_shapes.h"
#include "parsers/transcript/text.h"

namespace hctail::transcript {
namespace {

// In the rules, NAME stands for names whose values are secrets ...
constexpr std::string_view kName =
    "(?:pass(?:word|wd|phrase)?|pwd|secret|token|api[-_]?key|access[-_]?key|account[-_]?key|"
    "shared[-_]?key|private[-_]?key|credentials?|sas|"
    "passwort|kennwort|wachtwoord|contrase(?:ñ|n)a|senha|mot_?de_?passe|пароль|密(?:码|碼)|"
    "パスワード)";
// ... QUOTED for such a value in quotes; not a variable, nor what is masked already.  `" and "" are
// no end of a quote, nor is '' of the other ...
constexpr std::string_view kQuoted =
    R"re("((?:`.|[^"\n*$])(?:`.|""|[^"\n])*)"|'([^'\n*](?:''|[^'\n])*)')re";
// ... and VALUE for one with or without quotes; then it goes up to a blank and is no expression.
constexpr std::string_view kValue = R"re((?:QUOTED|([^\s"'$({@*;,|&<>)\[-][^\s"';,|&]*)))re";

constexpr std::string_view kOwnRules[] = {
    // ConvertTo-SecureString [-String] "X", and "X" | ConvertTo-SecureString
    R"re((?i)\bConvertTo-SecureString\s+(?:-(?:String|AsPlainText|Force)[\s:]+)*VALUE)re",
    R"re((?i)(?:"([^"\n*$][^"\n]*)"|'([^'\n*][^'\n]*)')\s*\|\s*ConvertTo-SecureString\b)re",
    // -Password X, --api-key=X, /password:X
    R"re((?i)(?:^|[\s(;])(?:-{1,2}|/)[\w-]*NAME[\w-]*(?:[ \t]*[:=][ \t]*|[ \t]+)VALUE)re",
    R"re((?i)\s(?:(?:-pw|/rp)(?:\s+|:\s*)|/p:)VALUE)re",
    // $password = "X", "apiKey": "X", Pwd=X; $password = [string]"X", $password = ("X")
    R"re((?i)(?:NAME[\w-]*|\$pw\d?|[$:]mdp\d?)["']?\s*(?:[:=]|：)\s*VALUE)re",
    R"re((?i)(?:NAME[\w-]*|\$pw\d?|[$:]mdp\d?)\s*=\s*(?:(?:\(|\[[\w.]+\])\s*)+(?:QUOTED))re",
    // \"apiKey\":\"X\" in a string, <password>X</password>, key="password" value="X"
    R"re((?i)NAME[\w-]*[\\`]["']\s*[:=]\s*[\\`]["']([^"'\\`\n*][^"'\\`\n]*))re",
    R"re((?i)<[\w:]*NAME[\w-]*>\s*([^\s<*$][^<\n]*)<)re",
    R"re((?i)NAME[\w-]*["']\s+value\s*=\s*VALUE)re",
    // SetEnvironmentVariable("TOKEN", "X"), setx TOKEN X, Set-Item Env:TOKEN X, config set token X
    R"re((?i)\bSetEnvironmentVariable\(\s*["']\w*NAME\w*["']\s*,\s*VALUE)re",
    R"re((?i)\b(?:setx(?:\.exe)?|config(?:ure)?(?:\s+--?\w+)*(?:\s+set)?)\s+\S*NAME\w*[\s=]+VALUE)re",
    R"re((?i)\b(?:Set|New)-(?:Item|Content)\s+(?:-\w+\s+)?["']?env:[\\/]?\w*NAME\w*["']?\s+(?:-Value\s+)?VALUE)re",
    // -Name DefaultPassword -Value X, Set-ItemProperty PATH DefaultPassword X, reg add /v ... /d X
    R"re((?i)\s-(?:Name|Key)[\s:]+["']?[\w-]*NAME[\w-]*["']?\s(?:[^|;\n]*\s)?-Value[\s:]+VALUE)re",
    R"re((?i)\s-Value[\s:]+VALUE\s(?:[^|;\n]*\s)?-(?:Name|Key)[\s:]+["']?[\w-]*NAME)re",
    R"re((?i)\bSet-ItemProperty\s[^|;\n]*\s["']?\w*NAME\w*["']?\s+VALUE)re",
    R"re((?i)\breg(?:\.exe)?\s+add\s[^|;\n]*\s/v\s+["']?[\w-]*NAME[\w-]*["']?\s(?:[^|;\n]*\s)?/d\s+VALUE)re",
    // Set-Secret NAME X
    R"re((?i)\bSet-Secret\s+(?:-Name[\s:]+)?(?:"[^"\n]*"|'[^'\n]*'|[^\s"'-]\S*)\s+VALUE)re",
    // The second argument of a NetworkCredential
    R"re((?i)\bNetworkCredential\]?(?:::new)?["']?\s*\(\s*[^,\n]+,\s*VALUE)re",
    R"re((?i)\bNetworkCredential["']?\s+(?:-ArgumentList[\s:]+)?(?:@?\(\s*)?(?:"[^"\n]*"|'[^'\n]*'|\$[\w.]+)\s*,\s*VALUE)re",
    // net use X: \\server\share PASSWORD; net user NAME PASSWORD /add
    R"re((?i)\bnet1?(?:\.exe)?\s+use\s+(?:[a-z*]:?\s+)?\\\\\S+[ \t]+([^\s/*$]\S*)(?:[ \t]+([^\s/*$]\S*))?)re",
    R"re((?i)\bnet1?(?:\.exe)?\s+use\b[^|;\n]*?/user:\S+[ \t]+([^\s/*$][^\s]*))re",
    R"re((?i)\bnet1?(?:\.exe)?\s+user\s+(?:"[^"\n]*"|[^\s/]\S*)[ \t]+([^\s/*$][^\s]*))re",
    // curl -u user:X, https://user:X@host
    R"re((?i)\s(?:-u|--user)\s*["']?[^\s:"']+:([^\s"'*$][^\s"']*))re",
    R"re((?i)\b[a-z][a-z0-9+.-]*://[^\s/:@"']+:([^\s/@"'*$][^\s/@"']*)@)re",
    R"re((?i)\b(?:Bearer|Basic)\s+([A-Za-z0-9+/_~.=-]{8,}))re",
    R"re((?i)\b(?:Bearer|Basic)\s*["']\s*\+\s*VALUE)re",
    R"re((?i)\bAuthorization["']?\s*[:=]\s*["']?(?:token|ApiKey|SharedKey)\s+([^\s"'*$]+))re",
    R"re((?i)\bcookie:\s*([^\s"'*$][^"'\n]*))re",
    // The signature of a URL: https://x.blob.core.windows.net/c?sv=...&sig=X
    R"re((?i)[?&]sig=([^\s&"'*]+))re",
    // Programs whose -p, -P, -w, -N or -k is a password or a key
    R"re((?i)\b(?:(?:docker|podman|helm|oc|az)(?:\.exe)?\s[^|;\n]*\blogin|psexec\w*(?:\.exe)?)\s(?:[^|;\n]*\s)?-p[\s=]+VALUE)re",
    R"re(\b(?i:sqlcmd|osql|bcp)(?i:\.exe)?\s(?:[^|;\n]*\s)?-P\s*VALUE)re",
    R"re(\b(?i:mysql\w*|mariadb[\w-]*)(?i:\.exe)?\s(?:[^|;\n]*\s)?-p([^\s"';|&*$]+))re",
    R"re((?i)\b7z[arg]?(?:\.exe)?["']?\s+(?:[adeltux]|rn)\s(?:[^|;\n]*\s)?-p(?:QUOTED|([^\s"';|&*$]+)))re",
    R"re(\bsshpass(?:\s+-v|\s+-P\s*\S+)*\s+-p\s*VALUE)re",
    R"re((?i)\bcertutil(?:\.exe)?\s(?:[^|;\n]*\s)?-p\s+VALUE)re",
    R"re(\bldap(?:add|compare|delete|exop|modify|modrdn|passwd|search|whoami)\s(?:[^|;\n]*\s)?-w\s*VALUE)re",
    R"re(\bssh-keygen(?:\.exe)?\s(?:[^|;\n]*\s)?-[NP]\s*VALUE)re",
    R"re(\bvault(?:\.exe)?\s+login\s+(?:-[\w-]+=\S*\s+|-(?:no|token)-[\w-]+\s+)*(?:token=)?([^\s"'$({@*;,|&<>)=-][^\s"'$;,|&=]*)(?:\s|$))re",
    R"re((?i)\bnuget(?:\.exe)?\s+push\s[^|;\n]*\s-k\s+VALUE)re",
    // Keys of AWS, GitHub, GitLab, Slack, Stripe, Google, Vault, npm and others, and JSON web
    // tokens
    R"re(\b((?:AKIA|ASIA)[A-Z0-9]{16}|gh[pousr]_[A-Za-z0-9]{20,}|xox[abprs]-[A-Za-z0-9-]{10,}))re",
    R"re(\b(github_pat_\w{20,}|glpat-[\w-]{16,}|[rs]k_live_\w{16,}|AIza[\w-]{35}|hvs\.[\w-]{20,}))re",
    R"re(\b(npm_[A-Za-z0-9]{36}|dckr_pat_[\w-]{20,}|sk-(?:proj|ant)-[\w-]{16,}))re",
    R"re(\b(eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]*))re",
};

// Those that have several lines: what they cannot match without, and the rule.
struct BlockRule {
  std::string_view hint;
  std::string_view rule;
};
constexpr BlockRule kBlockRules[] = {
    {"PRIVATE KEY-----", R"re(-----BEGIN [A-Z ]*PRIVATE KEY-----([^-]*))re"},
    // $password = @'
    {"@'\n", R"re((?i)NAME[\w-]*\s*=\s*@'\n((?s:.*?))\n'@)re"},
    {"@\"\n", R"re((?i)NAME[\w-]*\s*=\s*@"\n((?s:.*?))\n"@)re"},
};

// In lower case; a text without any of them holds nothing that the rules would find.  They are as
// long as they can be, for most output is to be passed over: tests that passed, keys of JSON, URLs.
// And they begin with two letters that are seldom side by side.
constexpr std::string_view kHints[] = {
    "passw",    "passp",    "pass=",    "pass:",      "pass ",    "pass\"",    "pass'",
    "pwd",      "secret",   "secures",  "token",      "apikey",   "api-key",   "api_key",
    "accessk",  "access-k", "access_k", "accountk",   "account-", "account_",  "sharedk",
    "shared-k", "shared_k", "privatek", "private-",   "private_", "private k", "cred",
    "sas=",     "sas ",     "net us",   "net.exe us", "net1",     "bearer ",   "basic ",
    " -u",      " --user ", " -pw ",    " /p:",       " /rp",     "akia",      "asia",
    "ghp_",     "gho_",     "ghu_",     "ghs_",       "ghr_",     "xox",       "eyj",
    "$pw",      "sas>",     "pass>",    "authoriz",   "cookie:",  "sig=",      "login ",
    "psexec",   "sqlcmd",   "osql",     "bcp ",       "mysql",    "mariadb",   "nuget push",
    "ub_pat_",  "glpat-",   "k_live_",  "aiza",       "hvs.",     "npm_",      "dckr_pat",
    "sk-proj",  "sk-ant",   "nnwort",   "twoord",     "ase\xc3",  "asena",     "senha",
    "tdepas",   "t_depa",   "t_de_p",   "$mdp",       ":mdp",     " /v ",      "7z ",
    "7z.",      "7z\"",     "7z'",      "7za",        "7zr",      "7zg",       "hpass",
    "tutil",    "ldap",     "h-keyg"};
// The same in other scripts; without a first letter that may be a capital one.
constexpr std::string_view kForeignHints[] = {"ароль", "АРОЛЬ", "密码", "密碼", "パスワード"};

constexpr size_t Pair(char a, char b) {
  return static_cast<size_t>(static_cast<unsigned char>(a)) << 8 | static_cast<unsigned char>(b);
}

// The hints by their first two bytes.
struct HintTable {
  std::array<uint8_t, 65536> group = {};  // 0: none begins so
  std::vector<std::vector<std::string_view>> groups = {{}};
};
const HintTable& Hints() {
  static const HintTable kTable = [] {
    HintTable table;
    const auto add = [&](std::string_view hint) {
      uint8_t& group = table.group[Pair(hint[0], hint[1])];
      if (group == 0) {
        group = static_cast<uint8_t>(table.groups.size());
        table.groups.emplace_back();
      }
      table.groups[group].push_back(hint);
    };
    std::ranges::for_each(kHints, add);
    std::ranges::for_each(kForeignHints, add);
    return table;
  }();
  return kTable;
}

bool StartsWithAny(std::string_view text, const std::vector<std::string_view>& hints) {
  for (const std::string_view hint : hints) {
    if (text.size() < hint.size()) continue;
    size_t same = 2;
    while (same < hint.size() && Lower(text[same]) == hint[same]) ++same;
    if (same == hint.size()) return true;
  }
  return false;
}

// "://user:password@"
bool HasUserInUrl(std::string_view text) {
  for (size_t at = text.find("://"); at != std::string_view::npos; at = text.find("://", at + 3)) {
    const size_t end = text.find_first_of("/@ \n\"'", at + 3);
    if (end != std::string_view::npos && text[end] == '@') return true;
  }
  return false;
}

// `value`, a part of `text`, is what a cmdlet gives: $password = New-Password
bool IsCall(std::string_view value, std::string_view text) {
  const std::string_view before =
      TrimRight(text.substr(0, static_cast<size_t>(value.data() - text.data())));
  return before.ends_with('=') && IsCmdletName(value.substr(0, value.find_first_of("(){}")));
}

enum class Rule { kOwn, kGiven };

// Replaces what the groups of `regex` match, or all of its match if it has none.
bool ApplyRule(const Regex& regex, Rule rule, std::string_view text, std::string* out) {
  std::array<std::string_view, kMaxRegexGroups> groups;
  const size_t count = std::min(regex.names().size() + 1, groups.size());
  const std::span<std::string_view> found(groups.data(), count);
  const char* const end = text.data() + text.size();
  const char* done = text.data();  // up to here everything is in `out`
  const char* from = text.data();
  bool any = false;
  while (from <= end && regex.Search({from, static_cast<size_t>(end - from)}, found)) {
    if (!any) out->clear();
    any = true;
    for (size_t i = count > 1 ? 1 : 0; i < count; ++i) {
      if (groups[i].data() == nullptr || groups[i].empty() || groups[i].data() < done) continue;
      if (rule == Rule::kOwn && IsCall(groups[i], text)) continue;
      out->append(done, static_cast<size_t>(groups[i].data() - done));
      out->append(kMasked);
      done = groups[i].data() + groups[i].size();
    }
    const char* const match_end = groups[0].data() + groups[0].size();
    from = match_end > from ? match_end : from + 1;
  }
  if (any) out->append(done, static_cast<size_t>(end - done));
  return any;
}

// What `rules` make of `text`, which is in `out` if it differs.
std::string_view ApplyRules(const std::vector<Regex>& rules, Rule whose, std::string_view text,
                            std::string* scratch, std::string* out) {
  for (const Regex& rule : rules) {
    if (!ApplyRule(rule, whose, text, scratch)) continue;
    out->swap(*scratch);
    text = *out;
  }
  return text;
}

void Replace(std::string_view word, std::string_view by, std::string* text) {
  for (size_t at = text->find(word); at != std::string::npos;
       at = text->find(word, at + by.size())) {
    text->replace(at, word.size(), by);
  }
}

Regex CompileRule(std::string_view text) {
  std::string rule(text);
  Replace("NAME", kName, &rule);
  Replace("VALUE", kValue, &rule);
  Replace("QUOTED", kQuoted, &rule);
  auto regex = Regex::Compile(rule);
  HC_CHECK(regex.has_value());
  return *std::move(regex);
}

// Compiled once for all files.
const std::vector<Regex>& OwnRules() {
  static const std::vector<Regex> kRules = [] {
    std::vector<Regex> rules;
    for (const std::string_view text : kOwnRules) rules.push_back(CompileRule(text));
    return rules;
  }();
  return kRules;
}
const std::vector<Regex>& BlockRules() {
  static const std::vector<Regex> kRules = [] {
    std::vector<Regex> rules;
    for (const BlockRule& block : kBlockRules) rules.push_back(CompileRule(block.rule));
    return rules;
  }();
  return kRules;
}

}  // namespace

bool LooksSecret(std::string_view text) {
  if (HasUserInUrl(text)) return true;
  const HintTable& table = Hints();
  char last = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = Lower(text[i]);
    const uint8_t group = table.group[Pair(last, c)];
    if (group != 0 && StartsWithAny(text.substr(i - 1), table.groups[group])) return true;
    last = c;
  }
  return false;
}

Result<Mask> Mask::Create(std::span<const std::string> patterns, bool own_rules) {
  Mask mask;
  if (own_rules) mask.own_ = &OwnRules();
  for (const std::string& pattern : patterns) {
    Result<Regex> regex = Regex::Compile(pattern, fmt::format("--transcript.mask '{}'", pattern));
    if (!regex) return std::unexpected(regex.error());
    mask.given_.push_back(*std::move(regex));
  }
  return mask;
}

std::string_view Mask::Apply(std::string_view text, std::string* scratch) const {
  std::string next;
  if (own_ != nullptr && LooksSecret(text)) {
    // Line by line, for few lines of many are worth the rules.
    std::string masked;
    std::string line;
    for (size_t at = 0; at < text.size();) {
      const size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
      const std::string_view part = text.substr(at, end - at);
      masked += LooksSecret(part) ? ApplyRules(*own_, Rule::kOwn, part, &next, &line) : part;
      at = end;
    }
    scratch->swap(masked);
    text = *scratch;
    for (size_t i = 0; i < std::size(kBlockRules); ++i) {
      if (text.find(kBlockRules[i].hint) == std::string_view::npos) continue;
      if (!ApplyRule(BlockRules()[i], Rule::kOwn, text, &next)) continue;
      scratch->swap(next);
      text = *scratch;
    }
  }
  return ApplyRules(given_, Rule::kGiven, text, &next, scratch);
}

bool Mask::IsSecretName(std::string_view name) const {
  if (own_ == nullptr) return false;
  const std::string lower = Lowered(name);
  return std::ranges::any_of(
      std::initializer_list<std::string_view>{"pass", "pwd", "secret", "token", "apikey",
                                              "accesskey", "credential", "securestring", "kennwort",
                                              "senha", "contrase"},
      [&](std::string_view word) { return lower.contains(word); });
}

}  // namespace hctail::transcript
