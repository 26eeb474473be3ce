// Original file: proto/reelmesh/v1/jobs.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { AdjustJobRequest as _reelmesh_v1_AdjustJobRequest, AdjustJobRequest__Output as _reelmesh_v1_AdjustJobRequest__Output } from '../../reelmesh/v1/AdjustJobRequest.js';
import type { CancelJobRequest as _reelmesh_v1_CancelJobRequest, CancelJobRequest__Output as _reelmesh_v1_CancelJobRequest__Output } from '../../reelmesh/v1/CancelJobRequest.js';
import type { FetchProgress as _reelmesh_v1_FetchProgress, FetchProgress__Output as _reelmesh_v1_FetchProgress__Output } from '../../reelmesh/v1/FetchProgress.js';
import type { FetchRequest as _reelmesh_v1_FetchRequest, FetchRequest__Output as _reelmesh_v1_FetchRequest__Output } from '../../reelmesh/v1/FetchRequest.js';
import type { GetJobRequest as _reelmesh_v1_GetJobRequest, GetJobRequest__Output as _reelmesh_v1_GetJobRequest__Output } from '../../reelmesh/v1/GetJobRequest.js';
import type { Job as _reelmesh_v1_Job, Job__Output as _reelmesh_v1_Job__Output } from '../../reelmesh/v1/Job.js';
import type { ListJobsRequest as _reelmesh_v1_ListJobsRequest, ListJobsRequest__Output as _reelmesh_v1_ListJobsRequest__Output } from '../../reelmesh/v1/ListJobsRequest.js';
import type { ListJobsResponse as _reelmesh_v1_ListJobsResponse, ListJobsResponse__Output as _reelmesh_v1_ListJobsResponse__Output } from '../../reelmesh/v1/ListJobsResponse.js';
import type { RemoveJobRequest as _reelmesh_v1_RemoveJobRequest, RemoveJobRequest__Output as _reelmesh_v1_RemoveJobRequest__Output } from '../../reelmesh/v1/RemoveJobRequest.js';
import type { RetryJobRequest as _reelmesh_v1_RetryJobRequest, RetryJobRequest__Output as _reelmesh_v1_RetryJobRequest__Output } from '../../reelmesh/v1/RetryJobRequest.js';
import type { SubmitRequest as _reelmesh_v1_SubmitRequest, SubmitRequest__Output as _reelmesh_v1_SubmitRequest__Output } from '../../reelmesh/v1/SubmitRequest.js';
import type { WatchJobRequest as _reelmesh_v1_WatchJobRequest, WatchJobRequest__Output as _reelmesh_v1_WatchJobRequest__Output } from '../../reelmesh/v1/WatchJobRequest.js';

/**
 * Jobs, from submission to the finished asset. Any node answers; it asks the coordinator.
 */
export interface JobsClient extends grpc.Client {
  /**
   * Changes what a job that has not ended may claim. FAILED_PRECONDITION: it has ended.
   */
  Adjust(argument: _reelmesh_v1_AdjustJobRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_Job__Output>): grpc.ClientUnaryCall;
  Adjust(argument: _reelmesh_v1_AdjustJobRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_Job__Output>): grpc.ClientUnaryCall;
  Adjust(argument: _reelmesh_v1_AdjustJobRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_Job__Output>): grpc.ClientUnaryCall;
  Adjust(argument: _reelmesh_v1_AdjustJobRequest, callback: grpc.requestCallback<_reelmesh_v1_Job__Output>): grpc.ClientUnaryCall;
  /**
   * Changes what a job that has not ended may claim. FAILED_PRECONDITION: it has ended.
   */
  adjust(argument: _reelmesh_v1_AdjustJobRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_Job__Output>): grpc.ClientUnaryCall;
  adjust(argument: _reelmesh_v1_AdjustJobRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_Job__Output>): grpc.ClientUnaryCall;
  adjust(argument: _reelmesh_v1_AdjustJobRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_Job__Output>): grpc.ClientUnaryCall;
  adjust(argument: _reelmesh_v1_AdjustJobRequest, callback: grpc.requestCallback<_reelmesh_v1_Job__Output>): grpc.ClientUnaryCall;
  
  /**
   * FAILED_PRECONDITION: the job has ended already.
   */
  Cancel(argument: _reelmesh_v1_CancelJobRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_Job__Output>): grpc.ClientUnaryCall;
  Cancel(argument: _reelmesh_v1_CancelJobRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_Job__Output>): grpc.ClientUnaryCall;
  Cancel(argument: _reelmesh_v1_CancelJobRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_Job__Output>): grpc.ClientUnaryCall;
  Cancel(argument: _reelmesh_v1_CancelJobRequest, callback: grpc.requestCallback<_reelmesh_v1_Job__Output>): grpc.ClientUnaryCall;
  /**
   * FAILED_PRECONDITION: the job has ended already.
   */
  cancel(argument: _reelmesh_v1_CancelJobRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_Job__Output>): grpc.ClientUnaryCall;
  cancel(argument: _reelmesh_v1_CancelJobRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_Job__Output>): grpc.ClientUnaryCall;
  cancel(argument: _reelmesh_v1_CancelJobRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_Job__Output>): grpc.ClientUnaryCall;
  cancel(argument: _reelmesh_v1_CancelJobRequest, callback: grpc.requestCallback<_reelmesh_v1_Job__Output>): grpc.ClientUnaryCall;
  
  /**
   * Has this node fetch a source and submit it then; tells how far it is. The fetch goes on when nobody listens any
   * more, and when the node was stopped and is started again; the same call again listens again. Its last message has
   * the job. INVALID_ARGUMENT: the address or what is there is refused. FAILED_PRECONDITION: the id is taken.
   */
  Fetch(argument: _reelmesh_v1_FetchRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_reelmesh_v1_FetchProgress__Output>;
  Fetch(argument: _reelmesh_v1_FetchRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_reelmesh_v1_FetchProgress__Output>;
  /**
   * Has this node fetch a source and submit it then; tells how far it is. The fetch goes on when nobody listens any
   * more, and when the node was stopped and is started again; the same call again listens again. Its last message has
   * the job. INVALID_ARGUMENT: the address or what is there is refused. FAILED_PRECONDITION: the id is taken.
   */
  fetch(argument: _reelmesh_v1_FetchRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_reelmesh_v1_FetchProgress__Output>;
  fetch(argument: _reelmesh_v1_FetchRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_reelmesh_v1_FetchProgress__Output>;
  
  /**
   * NOT_FOUND: no such job.
   */
  Get(argument: _reelmesh_v1_GetJobRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_Job__Output>): grpc.ClientUnaryCall;
  Get(argument: _reelmesh_v1_GetJobRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_Job__Output>): grpc.ClientUnaryCall;
  Get(argument: _reelmesh_v1_GetJobRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_Job__Output>): grpc.ClientUnaryCall;
  Get(argument: _reelmesh_v1_GetJobRequest, callback: grpc.requestCallback<_reelmesh_v1_Job__Output>): grpc.ClientUnaryCall;
  /**
   * NOT_FOUND: no such job.
   */
  get(argument: _reelmesh_v1_GetJobRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_Job__Output>): grpc.ClientUnaryCall;
  get(argument: _reelmesh_v1_GetJobRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_Job__Output>): grpc.ClientUnaryCall;
  get(argument: _reelmesh_v1_GetJobRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_Job__Output>): grpc.ClientUnaryCall;
  get(argument: _reelmesh_v1_GetJobRequest, callback: grpc.requestCallback<_reelmesh_v1_Job__Output>): grpc.ClientUnaryCall;
  
  /**
   * Newest first, a page at a time.
   */
  List(argument: _reelmesh_v1_ListJobsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_ListJobsResponse__Output>): grpc.ClientUnaryCall;
  List(argument: _reelmesh_v1_ListJobsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_ListJobsResponse__Output>): grpc.ClientUnaryCall;
  List(argument: _reelmesh_v1_ListJobsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_ListJobsResponse__Output>): grpc.ClientUnaryCall;
  List(argument: _reelmesh_v1_ListJobsRequest, callback: grpc.requestCallback<_reelmesh_v1_ListJobsResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Newest first, a page at a time.
   */
  list(argument: _reelmesh_v1_ListJobsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_ListJobsResponse__Output>): grpc.ClientUnaryCall;
  list(argument: _reelmesh_v1_ListJobsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_ListJobsResponse__Output>): grpc.ClientUnaryCall;
  list(argument: _reelmesh_v1_ListJobsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_ListJobsResponse__Output>): grpc.ClientUnaryCall;
  list(argument: _reelmesh_v1_ListJobsRequest, callback: grpc.requestCallback<_reelmesh_v1_ListJobsResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Forgets a job that has ended, and removes its asset from every node; answers what it was. FAILED_PRECONDITION:
   * it has not ended, cancel it first.
   */
  Remove(argument: _reelmesh_v1_RemoveJobRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_Job__Output>): grpc.ClientUnaryCall;
  Remove(argument: _reelmesh_v1_RemoveJobRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_Job__Output>): grpc.ClientUnaryCall;
  Remove(argument: _reelmesh_v1_RemoveJobRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_Job__Output>): grpc.ClientUnaryCall;
  Remove(argument: _reelmesh_v1_RemoveJobRequest, callback: grpc.requestCallback<_reelmesh_v1_Job__Output>): grpc.ClientUnaryCall;
  /**
   * Forgets a job that has ended, and removes its asset from every node; answers what it was. FAILED_PRECONDITION:
   * it has not ended, cancel it first.
   */
  remove(argument: _reelmesh_v1_RemoveJobRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_Job__Output>): grpc.ClientUnaryCall;
  remove(argument: _reelmesh_v1_RemoveJobRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_Job__Output>): grpc.ClientUnaryCall;
  remove(argument: _reelmesh_v1_RemoveJobRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_Job__Output>): grpc.ClientUnaryCall;
  remove(argument: _reelmesh_v1_RemoveJobRequest, callback: grpc.requestCallback<_reelmesh_v1_Job__Output>): grpc.ClientUnaryCall;
  
  /**
   * A failed job goes on from what it had finished. FAILED_PRECONDITION: it has not failed, or failed so long ago that
   * its source was let go.
   */
  Retry(argument: _reelmesh_v1_RetryJobRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_Job__Output>): grpc.ClientUnaryCall;
  Retry(argument: _reelmesh_v1_RetryJobRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_Job__Output>): grpc.ClientUnaryCall;
  Retry(argument: _reelmesh_v1_RetryJobRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_Job__Output>): grpc.ClientUnaryCall;
  Retry(argument: _reelmesh_v1_RetryJobRequest, callback: grpc.requestCallback<_reelmesh_v1_Job__Output>): grpc.ClientUnaryCall;
  /**
   * A failed job goes on from what it had finished. FAILED_PRECONDITION: it has not failed, or failed so long ago that
   * its source was let go.
   */
  retry(argument: _reelmesh_v1_RetryJobRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_Job__Output>): grpc.ClientUnaryCall;
  retry(argument: _reelmesh_v1_RetryJobRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_Job__Output>): grpc.ClientUnaryCall;
  retry(argument: _reelmesh_v1_RetryJobRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_Job__Output>): grpc.ClientUnaryCall;
  retry(argument: _reelmesh_v1_RetryJobRequest, callback: grpc.requestCallback<_reelmesh_v1_Job__Output>): grpc.ClientUnaryCall;
  
  /**
   * Submits a source that was uploaded to this node before (/uploads on its peer port, by the tus protocol).
   * The same id with the same content twice gives the same job; FAILED_PRECONDITION: the id is taken by another.
   * INVALID_ARGUMENT: the source or the options are refused, and the uploaded source is gone. NOT_FOUND: the source
   * is not on this node, upload it first.
   */
  Submit(argument: _reelmesh_v1_SubmitRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_Job__Output>): grpc.ClientUnaryCall;
  Submit(argument: _reelmesh_v1_SubmitRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_Job__Output>): grpc.ClientUnaryCall;
  Submit(argument: _reelmesh_v1_SubmitRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_Job__Output>): grpc.ClientUnaryCall;
  Submit(argument: _reelmesh_v1_SubmitRequest, callback: grpc.requestCallback<_reelmesh_v1_Job__Output>): grpc.ClientUnaryCall;
  /**
   * Submits a source that was uploaded to this node before (/uploads on its peer port, by the tus protocol).
   * The same id with the same content twice gives the same job; FAILED_PRECONDITION: the id is taken by another.
   * INVALID_ARGUMENT: the source or the options are refused, and the uploaded source is gone. NOT_FOUND: the source
   * is not on this node, upload it first.
   */
  submit(argument: _reelmesh_v1_SubmitRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_Job__Output>): grpc.ClientUnaryCall;
  submit(argument: _reelmesh_v1_SubmitRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_Job__Output>): grpc.ClientUnaryCall;
  submit(argument: _reelmesh_v1_SubmitRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_Job__Output>): grpc.ClientUnaryCall;
  submit(argument: _reelmesh_v1_SubmitRequest, callback: grpc.requestCallback<_reelmesh_v1_Job__Output>): grpc.ClientUnaryCall;
  
  /**
   * The job now, and again whenever it changes; ends when the job has ended.
   */
  Watch(argument: _reelmesh_v1_WatchJobRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_reelmesh_v1_Job__Output>;
  Watch(argument: _reelmesh_v1_WatchJobRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_reelmesh_v1_Job__Output>;
  /**
   * The job now, and again whenever it changes; ends when the job has ended.
   */
  watch(argument: _reelmesh_v1_WatchJobRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_reelmesh_v1_Job__Output>;
  watch(argument: _reelmesh_v1_WatchJobRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_reelmesh_v1_Job__Output>;
  
}

/**
 * Jobs, from submission to the finished asset. Any node answers; it asks the coordinator.
 */
export interface JobsHandlers extends grpc.UntypedServiceImplementation {
  /**
   * Changes what a job that has not ended may claim. FAILED_PRECONDITION: it has ended.
   */
  Adjust: grpc.handleUnaryCall<_reelmesh_v1_AdjustJobRequest__Output, _reelmesh_v1_Job>;
  
  /**
   * FAILED_PRECONDITION: the job has ended already.
   */
  Cancel: grpc.handleUnaryCall<_reelmesh_v1_CancelJobRequest__Output, _reelmesh_v1_Job>;
  
  /**
   * Has this node fetch a source and submit it then; tells how far it is. The fetch goes on when nobody listens any
   * more, and when the node was stopped and is started again; the same call again listens again. Its last message has
   * the job. INVALID_ARGUMENT: the address or what is there is refused. FAILED_PRECONDITION: the id is taken.
   */
  Fetch: grpc.handleServerStreamingCall<_reelmesh_v1_FetchRequest__Output, _reelmesh_v1_FetchProgress>;
  
  /**
   * NOT_FOUND: no such job.
   */
  Get: grpc.handleUnaryCall<_reelmesh_v1_GetJobRequest__Output, _reelmesh_v1_Job>;
  
  /**
   * Newest first, a page at a time.
   */
  List: grpc.handleUnaryCall<_reelmesh_v1_ListJobsRequest__Output, _reelmesh_v1_ListJobsResponse>;
  
  /**
   * Forgets a job that has ended, and removes its asset from every node; answers what it was. FAILED_PRECONDITION:
   * it has not ended, cancel it first.
   */
  Remove: grpc.handleUnaryCall<_reelmesh_v1_RemoveJobRequest__Output, _reelmesh_v1_Job>;
  
  /**
   * A failed job goes on from what it had finished. FAILED_PRECONDITION: it has not failed, or failed so long ago that
   * its source was let go.
   */
  Retry: grpc.handleUnaryCall<_reelmesh_v1_RetryJobRequest__Output, _reelmesh_v1_Job>;
  
  /**
   * Submits a source that was uploaded to this node before (/uploads on its peer port, by the tus protocol).
   * The same id with the same content twice gives the same job; FAILED_PRECONDITION: the id is taken by another.
   * INVALID_ARGUMENT: the source or the options are refused, and the uploaded source is gone. NOT_FOUND: the source
   * is not on this node, upload it first.
   */
  Submit: grpc.handleUnaryCall<_reelmesh_v1_SubmitRequest__Output, _reelmesh_v1_Job>;
  
  /**
   * The job now, and again whenever it changes; ends when the job has ended.
   */
  Watch: grpc.handleServerStreamingCall<_reelmesh_v1_WatchJobRequest__Output, _reelmesh_v1_Job>;
  
}

export interface JobsDefinition extends grpc.ServiceDefinition {
  Adjust: MethodDefinition<_reelmesh_v1_AdjustJobRequest, _reelmesh_v1_Job, _reelmesh_v1_AdjustJobRequest__Output, _reelmesh_v1_Job__Output>
  Cancel: MethodDefinition<_reelmesh_v1_CancelJobRequest, _reelmesh_v1_Job, _reelmesh_v1_CancelJobRequest__Output, _reelmesh_v1_Job__Output>
  Fetch: MethodDefinition<_reelmesh_v1_FetchRequest, _reelmesh_v1_FetchProgress, _reelmesh_v1_FetchRequest__Output, _reelmesh_v1_FetchProgress__Output>
  Get: MethodDefinition<_reelmesh_v1_GetJobRequest, _reelmesh_v1_Job, _reelmesh_v1_GetJobRequest__Output, _reelmesh_v1_Job__Output>
  List: MethodDefinition<_reelmesh_v1_ListJobsRequest, _reelmesh_v1_ListJobsResponse, _reelmesh_v1_ListJobsRequest__Output, _reelmesh_v1_ListJobsResponse__Output>
  Remove: MethodDefinition<_reelmesh_v1_RemoveJobRequest, _reelmesh_v1_Job, _reelmesh_v1_RemoveJobRequest__Output, _reelmesh_v1_Job__Output>
  Retry: MethodDefinition<_reelmesh_v1_RetryJobRequest, _reelmesh_v1_Job, _reelmesh_v1_RetryJobRequest__Output, _reelmesh_v1_Job__Output>
  Submit: MethodDefinition<_reelmesh_v1_SubmitRequest, _reelmesh_v1_Job, _reelmesh_v1_SubmitRequest__Output, _reelmesh_v1_Job__Output>
  Watch: MethodDefinition<_reelmesh_v1_WatchJobRequest, _reelmesh_v1_Job, _reelmesh_v1_WatchJobRequest__Output, _reelmesh_v1_Job__Output>
}
