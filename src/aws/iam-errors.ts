/** The SDK's name and IAM's own code for the same error. */
export const NO_SUCH_ENTITY = ['NoSuchEntityException', 'NoSuchEntity'];
export const ALREADY_EXISTS = ['EntityAlreadyExistsException', 'EntityAlreadyExists'];
export const DELETE_CONFLICT = ['DeleteConflictException', 'DeleteConflict'];
