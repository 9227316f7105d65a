"""An archive in S3-compatible storage, through boto3. It is imported where a store s3://… is opened, and not before."""
