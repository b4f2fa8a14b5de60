internal import CLibPCRE2

/// What PCRE2 made of a pattern.
struct CompiledPattern {
  let code: OpaquePointer
  let groupCount: Int
  let groupNames: [Pattern.GroupName]
  let isAnchored: Bool
  let namesLineBreaks: Bool
  let isCompiledToMachineCode: Bool

  init(_ source: String, _ options: Pattern.Options, _ limits: Pattern.Limits) throws(PatternError) {
    guard source.utf8.count <= limits.sourceBytes else {
      throw PatternError("the pattern is longer than \(limits.sourceBytes) bytes", offset: 0)
    }
    try refuseWhatSeesSeams(in: source)
    code = try compile(source, compileFlags(options))
    // Fails where the system forbids memory that is both writable and executable (systemd's MemoryDenyWriteExecute);
    // the interpreter keeps to the same limits then, only slower.
    isCompiledToMachineCode = pcre2_jit_compile_8(code, PCRE2_JIT_COMPLETE) == 0
    var count: UInt32 = 0
    pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_CAPTURECOUNT), &count)
    groupCount = Int(count)
    groupNames = names(of: code)
    var all: UInt32 = 0
    pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_ALLOPTIONS), &all)
    isAnchored = all & PCRE2_ANCHORED != 0
    var breaks: UInt32 = 0
    pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_HASCRORLF), &breaks)
    namesLineBreaks = breaks != 0
  }
}

private func compileFlags(_ options: Pattern.Options) -> UInt32 {
  var flags = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_DOLLAR_ENDONLY | PCRE2_USE_OFFSET_LIMIT | PCRE2_NO_UTF_CHECK
  if !options.contains(.asciiClasses) { flags |= PCRE2_UCP }
  if options.contains(.caseInsensitive) { flags |= PCRE2_CASELESS }
  if options.contains(.wholeText) { flags |= PCRE2_ANCHORED | PCRE2_ENDANCHORED }
  if options.contains(.dotMatchesLineBreaks) { flags |= PCRE2_DOTALL }
  if options.contains(.multiline) { flags |= PCRE2_MULTILINE }
  return flags
}

private func compile(_ source: String, _ flags: UInt32) throws(PatternError) -> OpaquePointer {
  guard let context = pcre2_compile_context_create_8(nil) else { throw PatternError("out of memory", offset: 0) }
  defer { pcre2_compile_context_free_8(context) }
  pcre2_set_newline_8(context, UInt32(PCRE2_NEWLINE_ANYCRLF))
  pcre2_set_bsr_8(context, UInt32(PCRE2_BSR_UNICODE))
  var number: Int32 = 0
  var offset = 0
  var text = source
  let code = text.withUTF8 { bytes in
    // An empty string has no address, which PCRE2 10.42 takes for an error.
    var none: UInt8 = 0
    return pcre2_compile_8(
      bytes.baseAddress ?? withUnsafePointer(to: &none) { $0 }, bytes.count, flags, &number, &offset, context)
  }
  if let code { return code }
  throw PatternError(message(number), offset: scalars(in: source, beforeByte: offset))
}

func message(_ number: Int32) -> String {
  var buffer = [UInt8](repeating: 0, count: 256)
  let length = pcre2_get_error_message_8(number, &buffer, buffer.count)
  guard length > 0 else { return "error \(number) of PCRE2" }
  return String(decoding: buffer.prefix(Int(length)), as: UTF8.self)
}

private func scalars(in text: String, beforeByte offset: Int) -> Int {
  String(decoding: Array(text.utf8.prefix(offset)), as: UTF8.self).unicodeScalars.count
}

/// Reads PCRE2's table of names: entries of equal size, each a group's number in two bytes and a name that a zero ends.
private func names(of code: OpaquePointer) -> [Pattern.GroupName] {
  var count: UInt32 = 0
  var size: UInt32 = 0
  var table: UnsafePointer<UInt8>?
  pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_NAMECOUNT), &count)
  pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_NAMEENTRYSIZE), &size)
  pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_NAMETABLE), &table)
  guard let table else { return [] }
  return (0..<Int(count)).map { index in
    let entry = table + index * Int(size)
    return Pattern.GroupName(name: String(cString: entry + 2), number: Int(entry[0]) << 8 | Int(entry[1]))
  }
}

/// Refuses `\G`, `(*COMMIT` and `(*SKIP`, wherever they are not quoted.
private func refuseWhatSeesSeams(in source: String) throws(PatternError) {
  let scalars = Array(source.unicodeScalars)
  var index = 0
  while index < scalars.count {
    if scalars[index] == "\\", index + 1 < scalars.count {
      if scalars[index + 1] == "G" { throw PatternError("\\G is not supported", offset: index) }
      index += 2
      continue
    }
    for verb in ["(*COMMIT", "(*SKIP"] where scalars[index...].starts(with: verb.unicodeScalars) {
      throw PatternError("\(verb)) is not supported", offset: index)
    }
    index += 1
  }
}
