#include "each_page.h"

namespace purser::pages {
namespace {

Html password_field(Constant name, std::string_view label, const std::string& autocomplete) {
  return labelled(label, single("input", {{"type", "password"},
                                          {"name", std::string(name.text())},
                                          {"autocomplete", autocomplete},
                                          {"maxlength", "1024"},
                                          {"required", ""}}));
}

api::ApiResponse signed_in(const Answer& answer, const std::string& next) {
  api::ApiResponse response = see_other(next);
  response.fields.emplace_back("Set-Cookie", answer.set_cookie);
  return response;
}

}  // namespace

Page sign_in_page(const std::string& next, const std::string& what_failed, int status) {
  Html body;
  if (!what_failed.empty()) body += problem(what_failed);
  body += element("form", {{"method", "post"}, {"action", "/sign-in"}},
                  {hidden("next", next),
                   labelled("E-mail address", single("input", {{"type", "email"},
                                                               {"name", "email"},
                                                               {"autocomplete", "username"},
                                                               {"maxlength", "254"},
                                                               {"required", ""},
                                                               {"autofocus", ""}})),
                   password_field("password", "Password", "current-password"), button("Sign in")});
  body += element("p", {{"class", "hint"}},
                  {"No password yet, or lost it? An admin makes you a one-time link; "
                   "with the secret from it you ",
                   link("/sign-in/secret?next=" + percent_encoded(next), "set a password"), "."});
  return {"Sign in", body, status};
}

// The secret stays in its field after a slip: it may stand nowhere else any more.
Page secret_page(const std::string& next, const std::string& secret, const std::string& what_failed,
                 int status) {
  Html body;
  if (!what_failed.empty()) body += problem(what_failed);
  body += element("p", {},
                  {"A one-time secret is good once, for 24 hours. Choose the password with "
                   "which you sign in from now on: 12 characters or more."});
  body += element("form", {{"method", "post"}, {"action", "/sign-in/secret"}},
                  {hidden("next", next),
                   labelled("One-time secret (psi_…)", single("input", {{"id", "secret"},
                                                                        {"name", "secret"},
                                                                        {"value", secret},
                                                                        {"autocomplete", "off"},
                                                                        {"spellcheck", "false"},
                                                                        {"required", ""}})),
                   password_field("new_password", "New password", "new-password"),
                   password_field("again", "The same again", "new-password"),
                   button("Set password and sign in")});
  return {"Set a password", body, status, true};
}

api::ApiResponse sign_in(const Visit& visit) {
  const Form& form = visit.form();
  const std::string next = local_path(form.text("next"));
  if (!visit.comes_from_us()) return to_response(foreign_form_page(next));
  const Answer answer = visit.post(
      "/api/v1/sign-in", {{"email", form.text("email")}, {"password", form.exact("password")}});
  if (answer.ok()) return signed_in(answer, next);
  return to_response(sign_in_page(next, answer.message(), answer.status));
}

api::ApiResponse set_password(const Visit& visit) {
  const Form& form = visit.form();
  const std::string next = local_path(form.text("next"));
  if (!visit.comes_from_us()) return to_response(foreign_form_page(next));
  const std::string password = form.exact("new_password");
  const std::string secret = form.text("secret");
  if (password != form.exact("again"))
    return to_response(
        secret_page(next, secret, "The two passwords are not the same: type them again.", 400));
  const Answer answer =
      visit.post("/api/v1/sign-in", {{"secret", secret}, {"new_password", password}});
  if (answer.ok()) return signed_in(answer, next);
  return to_response(secret_page(next, secret, answer.message(), answer.status));
}

api::ApiResponse sign_out(const Visit& visit) {
  if (!visit.visitor()) return see_other("/sign-in");
  if (!visit.may_change()) return to_response(foreign_form_page("/"));
  const Answer answer = visit.post("/api/v1/sign-out", {});
  api::ApiResponse response = see_other("/sign-in");
  if (!answer.set_cookie.empty()) response.fields.emplace_back("Set-Cookie", answer.set_cookie);
  return response;
}

Page foreign_form_page(const std::string& back) {
  Html body = problem("Nothing was changed.");
  body += element("p", {},
                  {"This form came from another site, or you signed in or out since it was "
                   "opened. ",
                   link(back, "Open the page again"), " and press the button there."});
  return {"Please try again", body, 403};
}

}  // namespace purser::pages
