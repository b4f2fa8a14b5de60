import CLI
import Glibc

exit(runBlocking { await SlotHunter.main(Array(CommandLine.arguments.dropFirst())) })
