import Extractors
import Glibc
import TestSupport

/// The matcher against libxml2: differences, and how long each takes.
///
///     stream-lab diff [PAGES [SEED]]          generated and mutated pages x the probes of Tests/TestSupport/Pages
///     stream-lab fuzz MINUTES OUT PATH...     the same on mutations of files; stops at the first difference
///     stream-lab bench FILE...                CPU a page: tree, matcher, and the parts of the matcher
///     stream-lab json FILE...                 CPU a document of the fixture site: reading, and with its rows
///     stream-lab doubts FILE...               what keeps each page from being read without a tree
let arguments = Array(CommandLine.arguments.dropFirst())
switch arguments.first {
case "diff":
  exit(
    Lab.diff(
      pages: arguments.count > 1 ? Int(arguments[1]) ?? 2000 : 2000,
      seed: arguments.count > 2 ? UInt64(arguments[2]) ?? 1 : 1))
case "fuzz" where arguments.count > 2:
  exit(Lab.fuzz(minutes: Double(arguments[1]) ?? 1, out: arguments[2], paths: Array(arguments.dropFirst(3))))
case "bench" where arguments.count > 1: exit(Lab.bench(Array(arguments.dropFirst())))
case "json" where arguments.count > 1: exit(Lab.json(Array(arguments.dropFirst())))
case "doubts" where arguments.count > 1: exit(Lab.doubts(Array(arguments.dropFirst())))
default:
  print("usage: stream-lab diff [PAGES [SEED]] | fuzz MINUTES OUT PATH... | bench FILE... | doubts FILE...")
  exit(2)
}
