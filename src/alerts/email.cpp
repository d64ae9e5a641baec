#include "email.h"

#include <fmt/format.h>

#include "mime.h"
#include "text.h"

namespace purser::alerts {

namespace {

// The same at every try, for mail servers that recognise a repeat; not the same for two people.
std::string message_id(const SmtpConfig& smtp, const Message& message, const Recipient& recipient) {
  std::string local = to_text("msg", message.id);
  if (!recipient.user.is_zero()) local += "." + to_text("usr", recipient.user);
  const std::string_view from = smtp.from_address;
  return fmt::format("<{}@{}>", local, from.substr(from.find('@') + 1));
}

std::string part(std::string_view boundary, std::string_view type, std::string_view text) {
  return fmt::format(
      "--{}\r\nContent-Type: {}; charset=utf-8\r\n"
      "Content-Transfer-Encoding: quoted-printable\r\n\r\n{}\r\n",
      boundary, type, quoted_printable(text));
}

}  // namespace

std::string render_email(const SmtpConfig& smtp, const Message& message, const Recipient& recipient,
                         Instant now) {
  const std::string id = to_text("msg", message.id);
  // "=_" cannot stand in quoted-printable, so no text can hold the boundary.
  const std::string boundary = "=_" + id;
  std::string out = "Date: " + mail_date(now) + "\r\n";
  out += address_header("From", smtp.from_name, smtp.from_address);
  out += address_header("To", recipient.name, recipient.address);
  out += text_header("Subject", shown_line(message.title, message.type, 300));
  out += "Message-ID: " + message_id(smtp, message, recipient) + "\r\n";
  out += "X-Purser-Message-Id: " + id + "\r\n";
  out += text_header("X-Purser-Type", message.type);
  out += "Auto-Submitted: auto-generated\r\n";
  out += "MIME-Version: 1.0\r\n";
  out += fmt::format("Content-Type: multipart/alternative;\r\n boundary=\"{}\"\r\n\r\n", boundary);
  out += part(boundary, "text/plain", plain_text(message));
  out += part(boundary, "text/html", html_text(message));
  out += fmt::format("--{}--\r\n", boundary);
  return out;
}

}  // namespace purser::alerts
