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
      {"$wc.Credentials = New-Object Net.NetworkCredential 'amy','x'",
       "$wc.Credentials = New-Object Net.NetworkCredential 'amy','***'"},
      {"New-Object Net.NetworkCredential -ArgumentList @($u, \"x\")",
       "New-Object Net.NetworkCredential -ArgumentList @($u, \"***\")"},
      {"$password = ConvertTo-SecureString \"x\" -AsPlainText",
       "$password = ConvertTo-SecureString \"***\" -AsPlainText"},
      {"Set-ItemProperty 'HKLM:\\A b' -Name DefaultPassword -Value x",
       "Set-ItemProperty 'HKLM:\\A b' -Name DefaultPassword -Value ***"},
      {"New-ItemProperty HKLM:\\a -Name 'DefaultPassword' -Type String -Value 'x' -Force",
       "New-ItemProperty HKLM:\\a -Name 'DefaultPassword' -Type String -Value '***' -Force"},
      {"Set-ItemProperty HKLM:\\a -Value x -Name DefaultPassword",
       "Set-ItemProperty HKLM:\\a -Value *** -Name DefaultPassword"},
      {"Set-ItemProperty HKLM:\\a DefaultPassword x",
       "Set-ItemProperty HKLM:\\a DefaultPassword ***"},
      {"reg add \"HKLM\\A b\" /v DefaultPassword /t REG_SZ /d x /f",
       "reg add \"HKLM\\A b\" /v DefaultPassword /t REG_SZ /d *** /f"},
      {"$Password = [string]\"x\"", "$Password = [string]\"***\""},
      {"$MyPassword = (\"x\")", "$MyPassword = (\"***\")"},
      {"Set-Secret -Name db x", "Set-Secret -Name db ***"},
      {"Set-Secret 'a b' x -Vault v", "Set-Secret 'a b' *** -Vault v"},
      {"7z a -px x.7z f", "7z a -p*** x.7z f"},
      {"& \"C:\\7-Zip\\7z.exe\" a -p'x y' x.7z", "& \"C:\\7-Zip\\7z.exe\" a -p'***' x.7z"},
      {"sshpass -p x ssh -p 22 h", "sshpass -p *** ssh -p 22 h"},
      {"certutil -f -p x -importpfx a.pfx", "certutil -f -p *** -importpfx a.pfx"},
      {"vault login x", "vault login ***"},
      {"vault login -no-print token=x", "vault login -no-print token=***"},
      {"ldapsearch -D cn=a -w x -b dc=b", "ldapsearch -D cn=a -w *** -b dc=b"},
      {"ssh-keygen -t rsa -N \"x y\" -f k", "ssh-keygen -t rsa -N \"***\" -f k"},
      {"@{\"Authorization\" = \"Basic \" + \"x\"}", "@{\"Authorization\" = \"Basic \" + \"***\"}"},
      {"$kennwort = 'x'", "$kennwort = '***'"},
      {"$Passwort='x'", "$Passwort='***'"},
      {"$contraseña = 'x'", "$contraseña = '***'"},
      {"$CONTRASEÑA = 'x'", "$CONTRASEÑA = '***'"},
      {"$contrasena = 'x'", "$contrasena = '***'"},
      {"$wachtwoord = 'x'", "$wachtwoord = '***'"},
      {"$mot_de_passe = 'x'", "$mot_de_passe = '***'"},
      {"Anmelden -Kennwort x", "Anmelden -Kennwort ***"},
      {"$senha = 'x'", "$senha = '***'"},
      {"$motdepasse = 'x'", "$motdepasse = '***'"},
      {"$mdp = 'x'", "$mdp = '***'"},
      {"$Пароль = 'x'; пароль: y", "$Пароль = '***'; пароль: ***"},
      {"$密码 = 'x'", "$密码 = '***'"},
      {"密码：x", "密码：***"},
      {"$パスワード = 'x'", "$パスワード = '***'"},
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
                           "$password = Get-Password -Name x",
                           "$token = Get-Token",
                           "@{Token = Get-Token}",
                           "$password = (Get-Password 'x')",
                           "$Password = [string]$x",
                           "Get-Password x",
                           "New-Object Net.NetworkCredential $user, $password",
                           "Set-ItemProperty HKLM:\\a -Name Start -Value 4",
                           "Set-ItemProperty C:\\passwords\\a.txt IsReadOnly $true",
                           "Get-Item -Name password; Set-Item -Value 4",
                           "reg add HKLM\\a /v Path /t REG_SZ /d C:\\passwords",
                           "Set-Secret -Name db -Secret $s",
                           "Set-Secret -Name db",
                           "ssh -p 8080 host",
                           "podman run -p 8080:80 image",
                           "7z x -oC:\\out a.7z",
                           "ls *.rar -path x",
                           "7z a x.7z f",
                           "echo rar -p",
                           "sshpass -f pw.txt ssh -p 8080 host",
                           "certutil -hashfile C:\\p SHA256",
                           "vault login",
                           "vault login -method=oidc",
                           "ldapsearch -x -W -b dc=a",
                           "ssh-keygen -t ed25519 -N \"\" -f k",
                           "\"Basic \" + $encoded",
                           "$cmdpath = C:\\x",
                           "cmdp: x",
                           "mdp 4",
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
  CHECK(Masked("x = Get-Item", {"x = (\\S+)"}) == "x = ***");
  CHECK(Masked("aXb", {"X*"}).find("X") == std::string::npos);
  const auto bad = Mask::Create(std::vector<std::string>{"("}, true);
  REQUIRE_FALSE(bad.has_value());
  CHECK(bad.error().message.find("--transcript.mask '('") == 0);
}

TEST_CASE("Mask: names of parameters that hold secrets") {
  const auto mask = Mask::Create({}, true).value();
  CHECK(mask.IsSecretName("AdminPassword"));
  CHECK(mask.IsSecretName("ApiKey"));
  CHECK(mask.IsSecretName("Kennwort"));
  CHECK_FALSE(mask.IsSecretName("Path"));
  CHECK_FALSE(Mask::Create({}, false)->IsSecretName("Password"));
}

}  // namespace
}  // namespace hctail::transcript
