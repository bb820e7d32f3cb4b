// SPDX-License-Identifier: Apache-2.0
#include "parsers/transcript/mask.h"

#include <doctest/doctest.h>

namespace hctail::transcript {
namespace {

std::string Masked(std::string_view text, const std::vector<std::string>& rules = {},
                   bool own_rules = true) {
  const auto mask = Mask::Create(rules, own_rules);
  REQUIRE(mask.has_value());
  std::string scratch;
  return std::string(mask->Apply(text, &scratch));
}

TEST_CASE("Mask: hctail's own rules") {
  const struct {
    const char* text;
    const char* masked;
  } kCases[] = {
      {"ConvertTo-SecureString \"x y\" -AsPlainText",
       "ConvertTo-SecureString \"***\" -AsPlainText"},
      {"ConvertTo-SecureString -String 'x' -Force", "ConvertTo-SecureString -String '***' -Force"},
      {"ConvertTo-SecureString -AsPlainText -Force x",
       "ConvertTo-SecureString -AsPlainText -Force ***"},
      {"\"x\" | ConvertTo-SecureString -AsPlainText",
       "\"***\" | ConvertTo-SecureString -AsPlainText"},
      {"Connect -Password x -User u", "Connect -Password *** -User u"},
      {"Connect -AdminPassword:x", "Connect -AdminPassword:***"},
      {"tool --api-key=x --other y", "tool --api-key=*** --other y"},
      {"schtasks /create /rp x /tn t", "schtasks /create /rp *** /tn t"},
      {"plink -pw x host", "plink -pw *** host"},
      {"$env:GITHUB_TOKEN = 'x'", "$env:GITHUB_TOKEN = '***'"},
      {"{\"clientSecret\": \"x\"}", "{\"clientSecret\": \"***\"}"},
      {"Server=s;Pwd=x;Other=y", "Server=s;Pwd=***;Other=y"},
      {"net use Z: \\\\s\\h x /user:u", "net use Z: \\\\s\\h *** /user:u"},
      {"net use Z: \\\\s\\h u x", "net use Z: \\\\s\\h *** ***"},
      {"net use \\\\s\\h /user:u x", "net use \\\\s\\h /user:u ***"},
      {"net user u x /add", "net user u *** /add"},
      {"curl -u u:x https://a", "curl -u u:*** https://a"},
      {"git clone https://u:x@host/r", "git clone https://u:***@host/r"},
      {"Authorization: Bearer abcdefgh12", "Authorization: Bearer ***"},
      {"id AKIAIOSFODNN7EXAMPLE ok", "id *** ok"},
      {"$password = \"a`\"b\"\"c\"; x", "$password = \"***\"; x"},
      {"$password = 'it''s'; x", "$password = '***'; x"},
      {"$pw='x'", "$pw='***'"},
      {"\"{\\\"password\\\":\\\"x y\\\"}\"", "\"{\\\"password\\\":\\\"***\\\"}\""},
      {"<password>x y</password>", "<password>***</password>"},
      {"<add key=\"Password\" value=\"x\" />", "<add key=\"Password\" value=\"***\" />"},
      {"[Environment]::SetEnvironmentVariable(\"DB_PASSWORD\", \"x\", 'User')",
       "[Environment]::SetEnvironmentVariable(\"DB_PASSWORD\", \"***\", 'User')"},
      {"setx DB_PASSWORD x /m", "setx DB_PASSWORD *** /m"},
      {"Set-Item Env:\\DB_PASSWORD x", "Set-Item Env:\\DB_PASSWORD ***"},
      {"Set-Item -Path env:API_TOKEN -Value 'x'", "Set-Item -Path env:API_TOKEN -Value '***'"},
      {"aws configure set aws_secret_access_key x", "aws configure set aws_secret_access_key ***"},
      {"git config --global x.token y", "git config --global x.token ***"},
      {"[System.Net.NetworkCredential]::new(\"ada\", \"x\")",
       "[System.Net.NetworkCredential]::new(\"ada\", \"***\")"},
      {"New-Object Net.NetworkCredential('ada','x')",
       "New-Object Net.NetworkCredential('ada','***')"},
      {"-H 'Authorization: token x'", "-H 'Authorization: token ***'"},
      {"-H 'Cookie: s=x; t=y' z", "-H 'Cookie: ***' z"},
      {"https://a.blob.core.windows.net/c?sv=1&sig=x%3D&se=2",
       "https://a.blob.core.windows.net/c?sv=1&sig=***&se=2"},
      {"docker login -u ada -p x registry", "docker login -u ada -p *** registry"},
      {"az login --service-principal -u app -p x --tenant t",
       "az login --service-principal -u app -p *** --tenant t"},
      {"psexec \\\\host -u ada -p x cmd", "psexec \\\\host -u ada -p *** cmd"},
      {"sqlcmd -S db -U sa -P x -Q y", "sqlcmd -S db -U sa -P *** -Q y"},
      {"mysql -u root -px db", "mysql -u root -p*** db"},
      {"curl -uada:x https://a", "curl -uada:*** https://a"},
      {"dotnet nuget push p.nupkg -k x", "dotnet nuget push p.nupkg -k ***"},
      {"key sk_live_0123456789abcdef ok", "key *** ok"},
      {"$password = @'\nx\ny\n'@\n", "$password = @'\n***\n'@\n"},
  };
  for (const auto& [text, masked] : kCases) {
    CAPTURE(text);
    CHECK(Masked(text) == masked);
    CHECK(Masked(masked) == masked);
    CHECK(Masked(text, {}, false) == text);
  }
}

TEST_CASE("Mask: what is no secret stays") {
  for (const char* text : {"Connect -Password $p -Credential $c",
                           "Connect -Password (Read-Host)",
                           "12 passed; 0 failed",
                           "net use",
                           "net use Z: \\\\s\\h",
                           "net user",
                           "https://host/a@b",
                           "mkdir -p x",
                           "docker run -p 80:80 image",
                           "mysql -u root -p db",
                           "mysqldump -P 3306 db",
                           "docker login",
                           "git config user.name ada",
                           "npm config set registry https://a",
                           "Get-ADUser -Properties 'PasswordLastSet','Name'",
                           "setx PATH x",
                           "$x = @'\npassword\n'@",
                           "[pscustomobject]@{Token = $t}",
                           "\"key\": \"value\"",
                           "Get-Help ConvertTo-SecureString -Full",
                           "curl -u $cred https://a",
                           ""}) {
    CAPTURE(text);
    CHECK(Masked(text) == text);
  }
}

TEST_CASE("Mask: several on several lines") {
  CHECK(Masked("password=a\npassword=b;token=c") == "password=***\npassword=***;token=***");
}

TEST_CASE("Mask: rules of the user's mask their groups, or all of the match") {
  CHECK(Masked("PIN 12 and 34", {"PIN (\\d+) and (\\d+)"}) == "PIN *** and ***");
  CHECK(Masked("PIN 12", {"\\d+"}) == "PIN ***");
  CHECK(Masked("aXb", {"X*"}).find("X") == std::string::npos);
  const auto bad = Mask::Create(std::vector<std::string>{"("}, true);
  REQUIRE_FALSE(bad.has_value());
  CHECK(bad.error().message.find("--transcript.mask '('") == 0);
}

TEST_CASE("Mask: names of parameters that hold secrets") {
  const auto mask = Mask::Create({}, true).value();
  CHECK(mask.IsSecretName("AdminPassword"));
  CHECK(mask.IsSecretName("ApiKey"));
  CHECK_FALSE(mask.IsSecretName("Path"));
  CHECK_FALSE(Mask::Create({}, false)->IsSecretName("Password"));
}

}  // namespace
}  // namespace hctail::transcript
