// SPDX-License-Identifier: Apache-2.0
#include "sample/refinery_rules.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <exception>
#include <initializer_list>

#include "base/option_value.h"

namespace hctail {
namespace {

// sample/deterministic.go.
constexpr std::string_view kShardingSalt = "5VQ8l2jE5aJLPVqk";

struct KnownSampler {
  std::string_view refinery;
  std::string_view algorithm;
  std::string_view goal;    // the key of its goal
  std::string_view window;  // the key of its window
};
constexpr KnownSampler kSamplers[] = {
    {"DeterministicSampler", "deterministic", "SampleRate", ""},
    {"DynamicSampler", "avg", "SampleRate", "ClearFrequency"},
    {"EMADynamicSampler", "ema", "GoalSampleRate", "AdjustmentInterval"},
    {"EMAThroughputSampler", "ema-throughput", "GoalThroughputPerSec", "AdjustmentInterval"},
    {"WindowedThroughputSampler", "windowed-throughput", "GoalThroughputPerSec", "UpdateFrequency"},
    {"TotalThroughputSampler", "total-throughput", "GoalThroughputPerSec", "ClearFrequency"},
};

const KnownSampler* FindSampler(std::string_view name) {
  const auto it = std::ranges::find(kSamplers, name, &KnownSampler::refinery);
  return it == std::end(kSamplers) ? nullptr : it;
}

std::string UnknownKey(const std::string& key, const std::string& what) {
  return "unknown key '" + key + "' in " + what;
}

class Reader {
 public:
  explicit Reader(const std::string& path) : path_(path) {}

  Result<RefineryRules> Whole(const YAML::Node& root) {
    if (const Status known = Keys(root, "the file", {"RulesVersion", "Samplers"}); !known) {
      return std::unexpected(known.error());
    }
    const YAML::Node version = root["RulesVersion"];
    if (!version || !version.IsScalar() || version.Scalar() != "2") {
      return At(version ? version : root, "RulesVersion is not 2");
    }
    const YAML::Node samplers = root["Samplers"];
    if (!samplers || !samplers.IsMap()) return At(root, "there are no Samplers");
    RefineryRules rules;
    for (const auto& entry : samplers) {
      Result<SamplePlan> plan = Target(entry.second);
      if (!plan) return std::unexpected(plan.error());
      rules.emplace(entry.first.Scalar(), std::move(*plan));
    }
    return rules;
  }

 private:
  std::unexpected<Error> At(const YAML::Node& node, const std::string& what) const {
    return Fail(path_ + ":" + std::to_string(node.Mark().line + 1) + ": " + what);
  }

  // `node` is a map of these keys.
  Status Keys(const YAML::Node& node, const std::string& what,
              std::initializer_list<std::string_view> known) const {
    if (!node.IsMap()) return At(node, what + " is not a map");
    for (const auto& entry : node) {
      const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "?";
      if (std::ranges::count(known, key) == 0) {
        return At(entry.first, UnknownKey(key, what));
      }
    }
    return {};
  }

  Result<SamplePlan> Target(const YAML::Node& node) const {
    if (!node.IsMap() || node.size() != 1) return At(node, "expected one sampler");
    const std::string name = node.begin()->first.Scalar();
    const YAML::Node settings = node.begin()->second;
    SamplePlan plan;
    if (name == "RulesBasedSampler") {
      const Status read = Rules(settings, &plan);
      return read ? Result<SamplePlan>(std::move(plan)) : std::unexpected(read.error());
    }
    Result<SamplerSpec> spec = OneSampler(node, "");
    if (!spec) return std::unexpected(spec.error());
    plan.fallback = 0;
    plan.samplers.push_back(std::move(*spec));
    return plan;
  }

  Status Rules(const YAML::Node& node, SamplePlan* plan) const {
    if (const Status k = Keys(node, "RulesBasedSampler", {"Rules", "CheckNestedFields"}); !k) {
      return k;
    }
    bool nested = false;
    if (const Status read = Flag(node, "CheckNestedFields", &nested); !read) return read;
    const YAML::Node rules = node["Rules"];
    if (rules && !rules.IsSequence()) return At(rules, "Rules is not a list");
    for (const YAML::Node& rule : rules) {
      const Status read =
          Rule(rule, nested ? FieldPath::Nested::kYes : FieldPath::Nested::kNo, plan);
      if (!read) return read;
    }
    return {};
  }

  Status Rule(const YAML::Node& node, FieldPath::Nested nested, SamplePlan* plan) const {
    if (const Status known =
            Keys(node, "a rule", {"Name", "Sampler", "Drop", "SampleRate", "Conditions", "Scope"});
        !known) {
      return known;
    }
    SampleRule rule{.label = "rule " + (node["Name"] ? Scalar(node["Name"])
                                                     : std::to_string(plan->rules.size() + 1)),
                    .condition = {}};
    if (const YAML::Node scope = node["Scope"]) {
      if (Scalar(scope) != "span" && Scalar(scope) != "trace") {
        return At(scope, "unknown Scope '" + Scalar(scope) + "'");
      }
    }
    if (const YAML::Node conditions = node["Conditions"]; conditions && !conditions.IsNull()) {
      Result<Condition> all = Conditions(conditions, rule.label, nested);
      if (!all) return std::unexpected(all.error());
      rule.condition = std::move(*all);
    }
    if (const Status acted = SetAction(node, &rule, plan); !acted) return acted;
    plan->rules.push_back(std::move(rule));
    return {};
  }

  Status SetAction(const YAML::Node& node, SampleRule* rule, SamplePlan* plan) const {
    bool drop = false;
    double rate = 0;
    if (const Status read = Flag(node, "Drop", &drop); !read) return read;
    if (const Status read = Number(node, "SampleRate", 0, &rate); !read) return read;
    SamplerSpec spec{.label = rule->label, .algorithm = "static"};
    if (const YAML::Node sampler = node["Sampler"]) {
      Result<SamplerSpec> read = OneSampler(sampler, rule->label + ": ");
      if (!read) return std::unexpected(read.error());
      spec = std::move(*read);
    } else if (drop || rate < 1) {
      rule->action = SampleRule::Action::kDrop;  // so does Refinery where there is no rate
      return {};
    } else if (rate < 2) {
      return {};  // keeps
    } else {
      spec.settings.goal_rate = static_cast<uint64_t>(rate);
    }
    rule->action = SampleRule::Action::kSample;
    rule->sampler = plan->samplers.size();
    plan->samplers.push_back(std::move(spec));
    return {};
  }

  Result<SamplerSpec> OneSampler(const YAML::Node& node, const std::string& label) const {
    if (!node.IsMap() || node.size() != 1) return At(node, "expected one sampler");
    const std::string name = node.begin()->first.Scalar();
    const YAML::Node settings = node.begin()->second;
    const KnownSampler* const known = FindSampler(name);
    if (known == nullptr) return At(node, "unknown sampler '" + name + "'");
    const Status keys = Keys(settings, name,
                             {known->goal, known->window, "Weight", "AgeOutValue", "BurstMultiple",
                              "BurstDetectionDelay", "FieldList", "MaxKeys", "UseTraceLength",
                              "UseClusterSize", "InitialSampleRate", "LookbackFrequency"});
    if (!keys) return std::unexpected(keys.error());
    SamplerSpec spec;
    spec.algorithm = known->algorithm;
    spec.label = label + spec.algorithm;
    Status set = Refuse(settings, name);
    if (set) set = SetSettings(settings, *known, &spec);
    if (set) set = SetFields(settings, name, &spec);
    if (!set) return std::unexpected(set.error());
    return spec;
  }

  Status Refuse(const YAML::Node& settings, const std::string& name) const {
    for (const char* const key : {"UseTraceLength", "UseClusterSize"}) {
      bool on = false;
      if (const Status read = Flag(settings, key, &on); !read) return read;
      if (on) {
        const bool trace = std::string_view(key) == "UseTraceLength";
        return At(settings[key], std::string(key) + " in " + name +
                                     (trace ? " needs a whole trace" : " needs a cluster") +
                                     ", and hctail samples single events");
      }
    }
    return {};
  }

  Status SetSettings(const YAML::Node& node, const KnownSampler& known, SamplerSpec* spec) const {
    SamplerSettings& settings = spec->settings;
    double goal = 0;
    double initial = 10;
    double delay = 0;
    double max_keys = SamplerSpec::kMaxKeys;
    Status set = Number(node, std::string(known.goal), 1, &goal);
    if (set) set = Number(node, "InitialSampleRate", 1, &initial);
    if (set) set = Number(node, "Weight", 0, &settings.weight);
    if (set) set = Number(node, "AgeOutValue", 0, &settings.age_out);
    if (set) set = Number(node, "BurstMultiple", -1e9, &settings.burst_multiple);
    if (set) set = Number(node, "BurstDetectionDelay", 0, &delay);
    if (set) set = Number(node, "MaxKeys", 0, &max_keys);
    if (set && !known.window.empty()) set = Time(node, std::string(known.window), &settings.window);
    if (set) set = Time(node, "LookbackFrequency", &settings.lookback);
    if (!set) return set;
    if (settings.weight >= 1) return At(node["Weight"], "Weight is not below 1");
    const bool per_second = known.goal == "GoalThroughputPerSec";
    if (per_second) settings.goal_per_second = goal;
    const double rate = per_second ? initial : goal == 0 ? DefaultRate(known) : goal;
    settings.goal_rate = static_cast<uint64_t>(std::clamp(rate, 1.0, 1e9));
    settings.burst_delay = static_cast<uint64_t>(delay);
    if (max_keys >= 1) spec->max_keys = static_cast<size_t>(std::min(max_keys, 1e6));
    return {};
  }

  static double DefaultRate(const KnownSampler& known) {
    return known.algorithm == "deterministic" ? 1 : 10;
  }

  Status SetFields(const YAML::Node& node, const std::string& name, SamplerSpec* spec) const {
    spec->coin = Coin::kStratified;
    if (spec->algorithm == "deterministic") {
      spec->coin = Coin::kHoneytailHash;
      spec->hash_fields = {FieldPath("trace.trace_id"), FieldPath("traceId")};
      spec->salt = kShardingSalt;
      return {};
    }
    const YAML::Node list = node["FieldList"];
    std::vector<std::string> fields;
    if (list && !list.IsSequence()) return At(list, "FieldList is not a list");
    for (const YAML::Node& field : list) {
      fields.push_back(Scalar(field));
      if (const Status whole = RefuseField(field, fields.back(), name); !whole) return whole;
    }
    spec->fields = KeyFields(fields);
    return {};
  }

  Status RefuseField(const YAML::Node& node, const std::string& field,
                     const std::string& where) const {
    if (!field.starts_with("root.") && !field.starts_with("?.")) return {};
    return At(node, "the field '" + field + "' in " + where +
                        " needs a whole trace, and hctail samples single events");
  }

  Result<Condition> Conditions(const YAML::Node& node, const std::string& rule,
                               FieldPath::Nested nested) const {
    // Refinery's own manual writes a single condition without a list.
    if (!node.IsMap() && !node.IsSequence()) return At(node, "Conditions is not a list");
    const size_t count = node.IsMap() ? 1 : node.size();
    std::vector<Condition> parts;
    for (size_t i = 0; i < count; ++i) {
      Result<FieldTest> test = Test(node.IsMap() ? node : node[i], rule, nested);
      if (!test) return std::unexpected(test.error());
      parts.push_back(Condition::Of(std::move(*test)));
    }
    return Condition::Join(Condition::Kind::kAll, std::move(parts));
  }

  Result<FieldTest> Test(const YAML::Node& node, const std::string& rule,
                         FieldPath::Nested nested) const {
    const Status known =
        Keys(node, "a condition", {"Field", "Fields", "Operator", "Value", "Datatype"});
    if (!known) return std::unexpected(known.error());
    FieldTest test;
    const YAML::Node name = node["Operator"];
    if (!name) return At(node, "a condition of " + rule + " has no Operator");
    if (Scalar(name) == "has-root-span") {
      return At(name, "has-root-span in " + rule +
                          " needs a whole trace, and hctail samples single events");
    }
    const auto op = FindTestOperator(Scalar(name));
    if (!op) return At(name, "unknown Operator '" + Scalar(name) + "'");
    test.op = *op;
    Status set = SetTestFields(node, rule, nested, &test);
    if (set) set = SetDatatype(node["Datatype"], &test);
    if (set) set = SetValues(node, rule, &test);
    if (!set) return std::unexpected(set.error());
    return test;
  }

  Status SetTestFields(const YAML::Node& node, const std::string& rule, FieldPath::Nested nested,
                       FieldTest* test) const {
    const YAML::Node one = node["Field"];
    const YAML::Node several = node["Fields"];
    if (static_cast<bool>(one) == static_cast<bool>(several)) {
      return At(node, "a condition of " + rule + " needs either Field or Fields");
    }
    if (several && !several.IsSequence()) return At(several, "Fields is not a list");
    std::vector<YAML::Node> fields(several.begin(), several.end());
    if (one) fields.push_back(one);
    for (const YAML::Node& field : fields) {
      const std::string name = Scalar(field);
      if (const Status whole = RefuseField(field, name, rule); !whole) return whole;
      test->fields.emplace_back(name, nested);
    }
    return {};
  }

  Status SetDatatype(const YAML::Node& node, FieldTest* test) const {
    static constexpr std::pair<std::string_view, Datatype> kDatatypes[] = {
        {"", Datatype::kAny},        {"string", Datatype::kString}, {"int", Datatype::kInt},
        {"float", Datatype::kFloat}, {"bool", Datatype::kBool},
    };
    if (!node) return {};
    const std::string type = Scalar(node);
    for (const auto& [name, datatype] : kDatatypes) {
      if (name != type) continue;
      test->datatype = datatype;
      return {};
    }
    return At(node, "unknown Datatype '" + type + "'");
  }

  Status SetValues(const YAML::Node& node, const std::string& rule, FieldTest* test) const {
    if (test->op == TestOperator::kExists || test->op == TestOperator::kNotExists) return {};
    const YAML::Node value = node["Value"];
    const bool list = test->op == TestOperator::kIn || test->op == TestOperator::kNotIn;
    if (!value) return At(node, "a condition of " + rule + " has no Value");
    if (value.IsScalar() || value.IsNull()) test->values.push_back(LiteralOf(value));
    if (list && value.IsSequence()) {
      for (const YAML::Node& one : value) test->values.push_back(LiteralOf(one));
    }
    if (test->values.empty())
      return At(value, "Value is not " + std::string(list ? "a list" : "one value"));
    const bool numeric = test->datatype == Datatype::kInt || test->datatype == Datatype::kFloat;
    for (const Literal& literal : test->values) {
      if (numeric && !ReadDecimal(literal.text)) {
        return At(value, "'" + literal.text + "' is not a number");
      }
    }
    if (test->op != TestOperator::kMatches) return {};
    auto regex = Regex::Compile(test->values.front().text);
    if (!regex) {
      return At(value, "'" + test->values.front().text +
                           "' is not a regular expression: " + regex.error().what);
    }
    test->regex = std::make_shared<Regex>(std::move(*regex));
    return {};
  }

  static Literal LiteralOf(const YAML::Node& node) {
    if (!node.IsScalar()) return {.kind = Literal::Kind::kNull, .text = "<nil>"};
    Literal literal = MakeLiteral(node.Scalar());
    if (node.Tag() == "!") literal.kind = Literal::Kind::kString;  // it stands in quotes
    if (literal.kind == Literal::Kind::kString) {
      literal.number = ReadDecimal(literal.text).value_or(0);  // for Datatype: int
    }
    return literal;
  }

  static std::string Scalar(const YAML::Node& node) {
    return node.IsScalar() ? node.Scalar() : std::string();
  }

  Status Flag(const YAML::Node& node, const std::string& key, bool* flag) const {
    const YAML::Node value = node[key];
    if (!value) return {};
    if (!YAML::convert<bool>::decode(value, *flag)) return At(value, key + " is not true or false");
    return {};
  }

  Status Number(const YAML::Node& node, const std::string& key, double least,
                double* number) const {
    const YAML::Node value = node[key];
    if (!value) return {};
    const auto read = ReadDecimal(Scalar(value));
    if (!read || *read < least || *read > 1e12) {
      return At(value, key + " is not a number" + (least == 1 ? " from 1" : ""));
    }
    *number = *read;
    return {};
  }

  Status Time(const YAML::Node& node, const std::string& key, Duration* time) const {
    const YAML::Node value = node[key];
    if (!value) return {};
    const auto read = ReadDuration(Scalar(value), "s");
    if (!read) return At(value, key + " is not a time, such as 30s or 1m0s");
    *time = *read;
    return {};
  }

  const std::string& path_;
};

}  // namespace

Result<RefineryRules> ParseRefineryRules(const std::string& text, const std::string& path) {
  // yaml-cpp throws, on bad text and on a Node that is not what it is taken for.
  try {
    return Reader(path).Whole(YAML::Load(text));
  } catch (const YAML::Exception& e) {
    return Fail(path + ":" + std::to_string(e.mark.line + 1) + ": " + e.msg);
  } catch (const std::exception& e) {
    return Fail("cannot read '" + path + "': " + e.what());
  }
}

}  // namespace hctail
