using System.Net;
using System.Net.Sockets;
using System.Text;
using Amazon.S3;
using Amazon.S3.Model;
using Axle.Contracts;
using Axle.Platform.Resources;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Resources.S3;
using Axle.Platform.Resources.Servers;
using Axle.Platform.Secrets;

namespace Axle.Tests.Resources;

/// <summary>Buckets in a real OpenStack Swift, used by Amazon's own client as it comes.</summary>
public sealed class S3Tests(ResourceHouse house, ITestOutputHelper output) : ResourceStory(house, output), IClassFixture<ResourceHouse>
{
    /// <summary>More than the machine keeps on the way from server to client.</summary>
    private const int LargeBytes = 32 << 20;

    private const int PartBytes = 5 << 20;

    private static readonly byte[] s_large = [.. Enumerable.Range(0, LargeBytes).Select(at => (byte)(at * 31 % 251))];

    protected override string Type => "s3";

    protected override bool HasUri => false;

    protected override bool TakesTurns => false;

    [Fact]
    public async Task A_bucket_lives_from_its_claim_to_its_end()
    {
        SkipUnlessThere();
        await LiveAsync();
    }

    [Fact]
    public async Task A_bucket_does_what_clients_expect_of_S3()
    {
        SkipUnlessThere();
        var claim = await House.ClaimAsync(Type, "shop-s3", new { maxStorage = "48Mi" });
        var given = House.Outputs(claim.Ref);
        using var client = Client(given);
        var bucket = given["bucket"];

        // 1. In parts; one of them again, with a range across both.
        var upload = await client.InitiateMultipartUploadAsync(bucket, "film", Stop);
        var parts = new List<PartETag>();
        foreach (var number in (int[])[1, 2])
        {
            using var part = new MemoryStream(s_large, (number - 1) * PartBytes, PartBytes);
            parts.Add(new PartETag(number, (await client.UploadPartAsync(new UploadPartRequest { BucketName = bucket, Key = "film", UploadId = upload.UploadId, PartNumber = number, InputStream = part, PartSize = PartBytes }, Stop)).ETag));
        }

        await client.CompleteMultipartUploadAsync(new CompleteMultipartUploadRequest { BucketName = bucket, Key = "film", UploadId = upload.UploadId, PartETags = parts }, Stop);
        using (var range = await client.GetObjectAsync(new GetObjectRequest { BucketName = bucket, Key = "film", ByteRange = new ByteRange(PartBytes - 3, PartBytes + 2) }, Stop))
        {
            Assert.Equal(s_large[(PartBytes - 3)..(PartBytes + 3)], await BytesAsync(range));
        }

        // 2. By an address that is good for a while; an address without a signature is good for nothing.
        await client.PutObjectAsync(new PutObjectRequest { BucketName = bucket, Key = "v1/a b/größe.txt", ContentBody = "größe", ContentType = "text/plain", Metadata = { ["colour"] = "red" } }, Stop);
        using var http = new HttpClient();
        var signed = await client.GetPreSignedURLAsync(new GetPreSignedUrlRequest { BucketName = bucket, Key = "v1/a b/größe.txt", Protocol = Protocol.HTTP, Expires = TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(5) });
        Assert.Equal("größe", await http.GetStringAsync(signed, Stop));
        using (var bare = await http.GetAsync(new Uri(signed.Split('?')[0]), Stop))
        {
            Assert.False(bare.IsSuccessStatusCode);
        }

        // 3. Described, copied, listed by folder, deleted by the dozen.
        Assert.Equal("red", (await client.GetObjectMetadataAsync(bucket, "v1/a b/größe.txt", Stop)).Metadata["colour"]);
        await client.CopyObjectAsync(bucket, "v1/a b/größe.txt", bucket, "v1/copy", Stop);
        using (var copy = await client.GetObjectAsync(bucket, "v1/copy", Stop))
        {
            Assert.Equal("größe"u8.ToArray(), await BytesAsync(copy));
        }

        var folder = await client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = bucket, Delimiter = "/" }, Stop);
        Assert.Equal(["film"], folder.S3Objects.Select(one => one.Key));
        Assert.Equal(["v1/"], folder.CommonPrefixes);
        var deleted = await client.DeleteObjectsAsync(new DeleteObjectsRequest { BucketName = bucket, Objects = [new() { Key = "v1/copy" }, new() { Key = "v1/a b/größe.txt" }] }, Stop);
        Assert.Equal(2, deleted.DeletedObjects.Count);
        Assert.Equal(["film"], (await client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = bucket }, Stop)).S3Objects.Select(one => one.Key));

        // 4. Its size is in the catalogue, and its limit counts; a larger one comes without a loss.
        Assert.Equal("EntityTooLarge", await CodeAsync(() => PutAsync(client, bucket, "large", [.. s_large, .. s_large])));
        await House.ClaimAsync(Type, "shop-s3", new { maxStorage = "128Mi" });
        await PutAsync(client, bucket, "large", [.. s_large, .. s_large]);
        var driver = (ILoginDriver)House.Get<KnownProvisioners>().DriverOf(claim.Status.Provisioner)!;
        var provisioner = House.Get<KnownProvisioners>().Find(claim.Status.Provisioner!)!;
        var deadline = TimeProvider.System.GetTimestamp();
        ResourceFacts? facts;
        while ((facts = await driver.ObserveAsync(new Claim(House.Find(claim.Ref)!, provisioner), Stop))?.SizeBytes < (2 * LargeBytes) + (2 * PartBytes))
        {
            Assert.True(TimeProvider.System.GetElapsedTime(deadline) < TimeSpan.FromMinutes(1), $"The size stays {facts?.SizeBytes}.");
            await Task.Delay(100, Stop);
        }

        Assert.StartsWith("2.", facts!.Version, StringComparison.Ordinal);

        // 5. Whoever takes the bucket away behind the platform's back does not get far.
        var state = new Claim(House.Find(claim.Ref)!, provisioner).State<BucketState>()!;
        await client.DeleteObjectsAsync(new DeleteObjectsRequest { BucketName = bucket, Objects = [new() { Key = "film" }, new() { Key = "large" }] }, Stop);
        await House.Get<SwiftServers>().AskAsync(state.ServerRef, new Uri(given["endpoint"]).Port, HttpMethod.Delete, $"v1/{state.Account}/{bucket}", null, Stop);
        Assert.Equal("NoSuchBucket", await CodeAsync(() => client.GetObjectAsync(bucket, "film", Stop)));
        Assert.True((await driver.EnsureAsync(new Claim(House.Find(claim.Ref)!, provisioner), Stop)).Ok);
        await PutAsync(client, bucket, "again", "!"u8.ToArray());
    }

    [Fact]
    public void A_request_is_signed_as_in_Amazons_own_examples()
    {
        var key = new Login("AKIAIOSFODNN7EXAMPLE", new SecretValue("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"));
        string Signature(string query) => S3Signature.Authorization("GET", "examplebucket.s3.amazonaws.com", "/", query, "us-east-1", key, "20130524T000000Z").Split("Signature=")[1];
        Assert.Equal("fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543", Signature("lifecycle="));
        Assert.Equal("34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7", Signature("max-keys=2&prefix=J"));
    }

    [Fact]
    public void A_key_is_made_again_from_its_id_and_no_two_are_the_same()
    {
        var master = new SecretValue("master");
        var key = AccessKey.New(master);
        Assert.Equal(20, key.Username.Length);
        Assert.Equal(40, key.Password.Reveal().Length);
        Assert.Equal(key.Password.Reveal(), AccessKey.SecretOf(key.Username, master).Reveal());
        Assert.NotEqual(key.Password.Reveal(), AccessKey.SecretOf(key.Username, new SecretValue("another")).Reveal());
        Assert.NotEqual(key.Username, AccessKey.New(master).Username);
    }

    protected override async Task<string?> LoginAsync(Given given)
    {
        using var client = Client(given);
        return await CodeAsync(() => client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = given["bucket"], MaxKeys = 1 }, Stop)) is var code && code.Length == 0 ? null : code;
    }

    protected override async Task WriteAsync(Given given)
    {
        using var client = Client(given);
        await PutAsync(client, given["bucket"], "words", "größe"u8.ToArray());
        await PutAsync(client, given["bucket"], "large", s_large);
    }

    protected override async Task<bool> ReadAsync(Given given)
    {
        using var client = Client(given);
        using var words = await client.GetObjectAsync(given["bucket"], "words", Stop);
        using var large = await client.GetObjectAsync(given["bucket"], "large", Stop);
        return Encoding.UTF8.GetString(await BytesAsync(words)) == "größe" && (await BytesAsync(large)).AsSpan().SequenceEqual(s_large);
    }

    /// <summary>S3 knows no sessions; what can be open is a request.</summary>
    protected override async Task<Session> OpenAsync(Given given)
    {
        var client = Client(given);
        var answer = await client.GetObjectAsync(given["bucket"], "large", Stop);
        return new Session(
            async () =>
            {
                try
                {
                    var most = new byte[LargeBytes * 3 / 4];
                    await answer.ResponseStream.ReadExactlyAsync(most, Stop);
                    return true;
                }
                catch (IOException)
                {
                    return false;
                }
            },
            () =>
            {
                answer.Dispose();
                client.Dispose();
                return ValueTask.CompletedTask;
            });
    }

    protected override async Task NobodyElseAsync(Given mine, Given others)
    {
        using var client = Client(mine);
        Assert.Equal([mine["bucket"]], (await client.ListBucketsAsync(Stop)).Buckets.Select(one => one.BucketName));
        foreach (var bucket in (string[])[others["bucket"], $"{mine["bucket"]}-2"])
        {
            Assert.Contains(await CodeAsync(() => client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = bucket }, Stop)), (string[])["AccessDenied", "NoSuchBucket"]);
            Assert.Equal("AccessDenied", await CodeAsync(() => client.PutObjectAsync(new PutObjectRequest { BucketName = bucket, Key = "words", ContentBody = "!" }, Stop)));
            Assert.Equal("AccessDenied", await CodeAsync(() => client.PutBucketAsync(bucket, Stop)));
        }

        // To say that everybody may read it changes nothing, and Swift's own doors are closed.
        await client.PutObjectAsync(new PutObjectRequest { BucketName = mine["bucket"], Key = "open", ContentBody = "!", CannedACL = S3CannedACL.PublicRead }, Stop);
        using var http = new HttpClient();
        var account = House.Find(ResourceKinds.Claim.Ref("orders-s3.staging"))!.Status.State.GetProperty("account").GetString();
        foreach (var path in (string[])[$"{mine["bucket"]}/open", $"v1/{account}/{mine["bucket"]}/open", $"v1/{account}", $"axle/keys/{mine.Username}", "axle/server/now", "info"])
        {
            using var ask = new HttpRequestMessage(HttpMethod.Get, $"{mine["endpoint"]}/{path}");
            ask.Headers.Add("X-Auth-Token", mine.Password);
            using var answer = await http.SendAsync(ask, Stop);
            Assert.InRange(answer.StatusCode, HttpStatusCode.BadRequest, HttpStatusCode.NotFound);
        }

        // What is behind the proxy asks nobody who he is, so nobody may reach it.
        foreach (var port in (int[])[6200, 6201, 6202])
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await Assert.ThrowsAsync<SocketException>(async () => await socket.ConnectAsync(IPAddress.Loopback, port, Stop));
        }
    }

    private protected override async Task NothingLeftAsync(Claim before)
    {
        var state = before.State<BucketState>()!;
        var port = ServerState.PortOf(House.Find(state.ServerRef)!.Status)!.Value;
        foreach (var path in (string[])[$"v1/{state.Account}", $"v1/{state.Account}/{state.Bucket}", $"v1/{state.Account}/{state.Bucket}/large"])
        {
            Assert.Null(await House.Get<SwiftServers>().AskAsync(state.ServerRef, port, HttpMethod.Get, path, null, Stop));
        }
    }

    private static void SkipUnlessThere() => Assert.SkipUnless(File.Exists("/usr/lib/python3/dist-packages/swift/proxy/server.py"), "OpenStack Swift is not installed: apt-get install python3-swift");

    /// <summary>As it comes, but for what every S3 that is not Amazon's needs: an address, with the bucket in the path.</summary>
    private static AmazonS3Client Client(Given given) => new(given.Username, given.Password, new AmazonS3Config
    {
        ServiceURL = given["endpoint"],
        AuthenticationRegion = given["region"],
        ForcePathStyle = true,
        MaxErrorRetry = 0,
        Timeout = TimeSpan.FromSeconds(60),
    });

    private static async Task PutAsync(AmazonS3Client client, string bucket, string key, byte[] content)
    {
        using var stream = new MemoryStream(content);
        await client.PutObjectAsync(new PutObjectRequest { BucketName = bucket, Key = key, InputStream = stream }, Stop);
    }

    private static async Task<byte[]> BytesAsync(GetObjectResponse answer)
    {
        using var bytes = new MemoryStream();
        await answer.ResponseStream.CopyToAsync(bytes, Stop);
        return bytes.ToArray();
    }

    /// <summary>What the server calls its refusal; empty when there is none.</summary>
    private static async Task<string> CodeAsync(Func<Task> act)
    {
        try
        {
            await act();
            return "";
        }
        catch (AmazonS3Exception e)
        {
            return e.ErrorCode;
        }
        catch (HttpRequestException e)
        {
            return e.Message;
        }
    }
}
