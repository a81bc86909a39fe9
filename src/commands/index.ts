import History from './history.js'
import Stack from './stack/index.js'
import StackDown from './stack/down.js'
import StackList from './stack/list.js'
import StackLogs from './stack/logs.js'
import StackPull from './stack/pull.js'
import StackRestart from './stack/restart.js'
import StackStart from './stack/start.js'
import StackStatus from './stack/status.js'
import StackStop from './stack/stop.js'
import StackUp from './stack/up.js'
import StackUpdate from './stack/update.js'

/** Every command by its oclif id; package.json names this table. A test compares it with the files. */
export const COMMANDS = {
  history: History,
  stack: Stack,
  'stack:down': StackDown,
  'stack:list': StackList,
  'stack:logs': StackLogs,
  'stack:pull': StackPull,
  'stack:restart': StackRestart,
  'stack:start': StackStart,
  'stack:status': StackStatus,
  'stack:stop': StackStop,
  'stack:up': StackUp,
  'stack:update': StackUpdate,
}
