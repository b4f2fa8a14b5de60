import Language
import PluginHost

/// A doctor's page and calendar in Paziresh24's shape, of an invented doctor.
struct ClinicPage: Sendable {
  /// What a redesign of the site takes away.
  enum Renamed: Sendable, CaseIterable {
    /// The script that holds the page's data.
    case script
    /// The calendar in each answer of getFreeDays.
    case calendar
  }

  var services: [String: [Int]] = [:]
  var renamed: Renamed?
  /// Hidden in the page, read by no field.
  var note = ""

  /// 00:00 UTC, 03:30 in Tehran, in 60 days.
  private static let first: Int64 = (SystemTime().now().seconds / 86_400 + 60) * 86_400

  /// How an alert in English writes the time of slot `n`.
  static func clock(_ n: Int) -> String {
    let minutes = 210 + 30 * n
    let (hour, minute) = minutes.quotientAndRemainder(dividingBy: 60)
    return "\(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute)"
  }

  var html: String {
    let listed = services.keys.sorted().map {
      #"{"id":"\#($0)","alias_title":"visit","user_center_id":"u","can_booking":1}"#
    }
    return """
      <!DOCTYPE html><html><head><meta charset="utf-8"></head><body>
      <!-- \(note) --><input type="hidden" value="\(note)">
      <script id="\(renamed == .script ? "__APP_DATA__" : "__NEXT_DATA__")" type="application/json">
      {"props":{"pageProps":{"information":{"display_name":"دکتر نمونه"},"centers":[
      {"id":"c1","name":"مطب","is_active":true,"services":[\(listed.joined(separator: ","))]}]}}}
      </script></body></html>
      """
  }

  func days(of service: String) -> String {
    let free = (services[service] ?? []).map { "\"\(ClinicPage.first + Int64($0) * 1800)\":0" }
    let calendar = renamed == .calendar ? "schedule" : "calendar"
    let days = free.isEmpty ? "" : "\(ClinicPage.first)"
    let result = free.isEmpty ? "{}" : #"{"1":[{"turns":{\#(free.joined(separator: ","))}}]}"#
    return #"{"status":1,"\#(calendar)":{"turns":[\#(days)]},"result":\#(result)}"#
  }
}
