import CLI
import Glibc

exit(SlotHunterCommand.main())
