import { fstatSync } from "node:fs";
import { Socket } from "node:net";

/** The environment variable that names the descriptor of the pipe which ends with the parent process. */
export const parentDescriptorVariable = "DCHAT_PARENT_FD";

/**
 * Calls `onGone` once, when the process that started this one is gone, even if that was killed with SIGKILL: the parent
 * holds the other end of a pipe, and the kernel closes it. The pipe is the descriptor that DCHAT_PARENT_FD names, else
 * stdin if that is a pipe; without either (a terminal, a container, a service) nothing is watched.
 *
 * The watch does not keep the process running. The variable is removed from `env`, since a child that inherited it would
 * look at a descriptor that it does not have.
 *
 * @param onGone ends the process; it gets a moment to finish what it is doing, and must not wait for the parent
 * @param env the environment of this process
 * @throws Error if DCHAT_PARENT_FD names something other than a pipe
 */
export function exitWithParent(onGone: () => void, env: NodeJS.ProcessEnv): void {
  const named = env[parentDescriptorVariable];
  Reflect.deleteProperty(env, parentDescriptorVariable);
  const fd = Number(named ?? 0);
  if (!isPipe(fd)) {
    if (named === undefined) return;
    throw new Error(
      `${parentDescriptorVariable} is ${named}, which is no pipe: unset it, or start the process by its parent`,
    );
  }
  const pipe = new Socket({ fd, readable: true, writable: false });
  let gone = false;
  const end = (): void => {
    if (gone) return;
    gone = true;
    onGone();
  };
  // A parent that is killed resets a socket pair that has unread data; a pipe just ends.
  pipe.on("end", end).on("error", end).resume().unref();
}

function isPipe(fd: number): boolean {
  try {
    const stat = fstatSync(fd);
    return stat.isFIFO() || stat.isSocket();
  } catch {
    return false; // closed
  }
}
