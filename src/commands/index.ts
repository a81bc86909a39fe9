import Cascade from './cascade.js'
import Doctor from './doctor.js'
import Health from './health.js'
import History from './history.js'
import Stack from './stack/index.js'
import StackDown from './stack/down.js'
import StackList from './stack/list.js'
import StackLogs from './stack/logs.js'
import StackPull from './stack/pull.js'
import StackRestart from './stack/restart.js'
import StackRollback from './stack/rollback.js'
import StackStart from './stack/start.js'
import StackStatus from './stack/status.js'
import StackStop from './stack/stop.js'
import StackUp from './stack/up.js'
import StackUpdate from './stack/update.js'
import SystemdInstall from './systemd/install.js'
import SystemdPrint from './systemd/print.js'
import SystemdStatus from './systemd/status.js'
import SystemdUninstall from './systemd/uninstall.js'
import UpdatesApply from './updates/apply.js'
import Updates from './updates/index.js'
import UpdatesPause from './updates/pause.js'
import UpdatesResume from './updates/resume.js'
import VpnCheck from './vpn/check.js'
import VpnLogs from './vpn/logs.js'
import VpnPort from './vpn/port/index.js'
import VpnPortSync from './vpn/port/sync.js'
import VpnReconnect from './vpn/reconnect.js'
import VpnStatus from './vpn/status.js'
import Watch from './watch.js'

/** Every command by its oclif id; package.json names this table. A test compares it with the files. */
export const COMMANDS = {
  cascade: Cascade,
  doctor: Doctor,
  health: Health,
  history: History,
  stack: Stack,
  'stack:down': StackDown,
  'stack:list': StackList,
  'stack:logs': StackLogs,
  'stack:pull': StackPull,
  'stack:restart': StackRestart,
  'stack:rollback': StackRollback,
  'stack:start': StackStart,
  'stack:status': StackStatus,
  'stack:stop': StackStop,
  'stack:up': StackUp,
  'stack:update': StackUpdate,
  'systemd:install': SystemdInstall,
  'systemd:print': SystemdPrint,
  'systemd:status': SystemdStatus,
  'systemd:uninstall': SystemdUninstall,
  updates: Updates,
  'updates:apply': UpdatesApply,
  'updates:pause': UpdatesPause,
  'updates:resume': UpdatesResume,
  'vpn:check': VpnCheck,
  'vpn:logs': VpnLogs,
  'vpn:port': VpnPort,
  'vpn:port:sync': VpnPortSync,
  'vpn:reconnect': VpnReconnect,
  'vpn:status': VpnStatus,
  watch: Watch,
}
