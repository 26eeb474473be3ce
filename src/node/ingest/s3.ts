/** s3://bucket/key as a request: where it goes, and its signature (AWS Signature Version 4) by aws4fetch. */
import { AwsV4Signer } from "aws4fetch";
import { ReelmeshError } from "../../core/errors.js";

export interface S3Options {
  /** Of a server of one's own, asked with the bucket in the path; Amazon's when absent. */
  endpoint?: string;
  region: string;
  /** Absent: what is asked for is public. */
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
}

/** From the variables that all of Amazon's tools read. */
export function s3Credentials(environment: NodeJS.ProcessEnv): Pick<S3Options, "credentials"> {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = environment;
  if (!accessKeyId || !secretAccessKey) return {};
  const sessionToken = environment["AWS_SESSION_TOKEN"];
  return { credentials: { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) } };
}

/** The https address behind an s3 one. INVALID_INPUT when the bucket's name is none. */
export function s3Address({ host: bucket, pathname: path }: URL, { endpoint, region }: S3Options): URL {
  // The signer would take it for a space.
  const pathname = path.replaceAll("+", "%2B");
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) {
    throw new ReelmeshError("INVALID_INPUT", `"${bucket.slice(0, 80)}" is no name of a bucket`);
  }
  if (endpoint !== undefined) return new URL(`${endpoint.replace(/\/+$/, "")}/${bucket}${pathname}`);
  // A certificate for *.s3 does not cover a name with dots.
  if (bucket.includes(".")) return new URL(`https://s3.${region}.amazonaws.com/${bucket}${pathname}`);
  return new URL(`https://${bucket}.s3.${region}.amazonaws.com${pathname}`);
}

/** Headers of a signed GET. */
export async function signS3(url: URL, { region, credentials }: S3Options): Promise<Record<string, string>> {
  if (credentials === undefined) return {};
  const signer = new AwsV4Signer({ url: url.href, method: "GET", service: "s3", region, ...credentials });
  const { headers } = await signer.sign();
  return Object.fromEntries([...headers].filter(([name]) => name !== "host"));
}
