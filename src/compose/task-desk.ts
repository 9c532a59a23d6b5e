import type { TaskDesk } from '../edge/http/tasks.ts';
import type { Store } from '../store/store.ts';
import { addTaskCost, judgeTask, taskView } from '../store/task-queries.ts';

/** Tasks as the data plane keeps and shows them. */
export function taskDesk({ database, journal }: Pick<Store, 'database' | 'journal'>): TaskDesk {
  return {
    judge: (owner, task, verdict, at) => judgeTask(database, owner, task, verdict, at),
    addCost: (owner, task, cost, at) => addTaskCost(database, owner, task, cost, at),
    async find(project, task) {
      // Who asks right after a call's answer finds that call in it.
      await journal.flush();
      return taskView(database, project, task);
    },
  };
}
