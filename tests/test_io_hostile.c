/* test_io_hostile.c -- files that lie, writes that fail: every small file cut at every byte, every byte changed, sizes
 * that are not there, a full disk. */
#define _XOPEN_SOURCE 700
#include "io_files.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#if defined __linux__
#include <sys/sysmacros.h>
#endif

/* ---- samples of every format, small -------------------------------------------------------------------------------- */

typedef enum format { NPY, NPZ, SAFETENSORS, IDX } format;

typedef struct sample {
    const char *name;
    format format;
    unsigned char bytes[2048];
    size_t size;
} sample;

enum { SAMPLES = 9, END_SIZE = 22 };

/* The mapped file is refused or read as the one that was read. */
static void ck_mapped(const char *path, wg_status wanted, const wg_archive *z)
{
    wg_archive m;
    char said[sizeof why];
    ck_assert_int_eq(wg_safetensors_map(path, &m, said, sizeof said), wanted);
    ck_assert_str_eq(said, why);
    ck_assert(m.count == z->count && m.metas == z->metas && (!wanted || !m.mapped));
    for (size_t i = 0; i < m.count; i++) ck_same(&m.entry[i].array, &z->entry[i].array);
    wg_archive_free(&m);
}

static wg_status read_as(format kind, const char *path)
{
    wg_array a;
    wg_archive z;
    wg_status s;
    if (kind == NPY || kind == IDX) {
        s = kind == NPY ? wg_npy_read(path, &a, why, sizeof why) : wg_idx_read(path, &a, why, sizeof why);
        ck_assert(!s || !a.data);
        wg_array_free(&a);
    } else {
        s = kind == NPZ ? wg_npz_read(path, &z, why, sizeof why) : wg_safetensors_read(path, &z, why, sizeof why);
        ck_assert(!s || !z.count);
        if (kind == SAFETENSORS) ck_mapped(path, s, &z);
        wg_archive_free(&z);
    }
    if (s) ck_why(path, ": ");
    else ck_assert_str_eq(why, "");
    return s;
}

static const char fortran[] = "\x93NUMPY\3\0\x40\0\0\0{'descr': '<i8', 'fortran_order': True, 'shape': (3, 2), }     \n"
                              "\1\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0\5\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0\4\0\0\0\0\0\0\0\6\0\0\0\0\0\0";

static const char idx[] = "\0\0\x0b\2\0\0\0\2\0\0\0\3\0\1\0\2\0\3\0\4\0\5\0\6";

/* An archive whose one entry is deflated, in a stored block. */
static size_t deflated_npz(unsigned char *to)
{
    wg_fault f = {0};
    unsigned char plain[1024];
    wg_archive z = {0};
    put(&z, "x", WG_F32, SHAPE(1, 3));
    ck_assert_int_eq(wg__npz_write(at("d.npz").path, &z, UINT32_MAX, &f), WG_OK);
    wg_archive_free(&z);
    size_t n = slurp(at("d.npz").path, plain, sizeof plain), size = wg__le32(plain + 18), data = 30 + 5;
    size_t directory = wg__le32(plain + n - 6);
    memcpy(to, plain, data);
    wg__put_le(wg__put_le(wg__put_le(to + data, 1, 1), size, 2), ~(uint64_t)size, 2);
    memcpy(to + data + 5, plain + data, n - data);
    wg__put_le(to + 8, 8, 2); /* method, packed size: here ... */
    wg__put_le(to + 18, size + 5, 4);
    wg__put_le(to + directory + 5 + 10, 8, 2); /* ... and in the directory      */
    wg__put_le(to + directory + 5 + 20, size + 5, 4);
    wg__put_le(to + n + 5 - 6, directory + 5, 4);
    return n + 5;
}

static void make_samples(sample s[SAMPLES])
{
    wg_fault f = {0};
    wg_archive z = {0};
    put(&z, "x", WG_F32, SHAPE(1, 3));
    put(&z, "mask", WG_BOOL, SHAPE(2, 2, 2));
    const char *const names[SAMPLES] = {"c.npy",         "fortran.npy", "stored.npz", "zip64.npz", "deflated.npz",
                                        "a.safetensors", "empty.npz",   "a.idx",      "a.idx.gz"};
    const format formats[SAMPLES] = {NPY, NPY, NPZ, NPZ, NPZ, SAFETENSORS, NPZ, IDX, IDX};
    wg_archive none = {0};
    ck_assert_int_eq(wg_npy_write(at(names[0]).path, &z.entry[0].array, why, sizeof why), WG_OK);
    spew(at(names[1]).path, fortran, sizeof fortran);
    ck_assert_int_eq(wg_npz_write(at(names[2]).path, &z, why, sizeof why), WG_OK);
    ck_assert_int_eq(wg__npz_write(at(names[3]).path, &z, 0, &f), WG_OK);
    s[4].size = deflated_npz(s[4].bytes);
    spew(at(names[4]).path, s[4].bytes, s[4].size);
    ck_assert_int_eq(wg_archive_set_meta(&z, "by", "a test"), WG_OK);
    ck_assert_int_eq(wg_safetensors_write(at(names[5]).path, &z, why, sizeof why), WG_OK);
    ck_assert_int_eq(wg_npz_write(at(names[6]).path, &none, why, sizeof why), WG_OK);
    spew(at(names[7]).path, idx, sizeof idx - 1);
    s[8].size = gzip(s[8].bytes, idx, sizeof idx - 1);
    spew(at(names[8]).path, s[8].bytes, s[8].size);
    for (int i = 0; i < SAMPLES; i++) {
        s[i].name = names[i];
        s[i].format = formats[i];
        s[i].size = slurp(at(names[i]).path, s[i].bytes, sizeof s[i].bytes);
        wg_status expected = !WG_HAVE_ZLIB && (i == 4 || i == 8) ? WG_EFORMAT : WG_OK;
        ck_assert_msg(read_as(s[i].format, at(names[i]).path) == expected, "%s", why);
    }
    wg_archive_free(&z);
}

START_TEST(fortran_order_by_hand)
{
    wg_array a;
    spew(at("f.npy").path, fortran, sizeof fortran);
    ck_assert_msg(!wg_npy_read(at("f.npy").path, &a, why, sizeof why), "%s", why);
    ck_assert(a.dtype == WG_I64 && wg_shape_equal(a.shape, SHAPE(2, 3, 2)));
    for (int i = 0; i < 6; i++) ck_assert_double_eq(wg_array_at(&a, i), i + 1);
    wg_array_free(&a);
}
END_TEST

START_TEST(cut_at_every_byte)
{
    static sample s[SAMPLES];
    place p = at("cut");
    make_samples(s);
    for (int i = 0; i < SAMPLES; i++) {
        for (size_t n = 0; n < s[i].size; n++) {
            spew(p.path, s[i].bytes, n);
            ck_assert_msg(read_as(s[i].format, p.path) == WG_EFORMAT, "%s cut to %zu bytes is read", s[i].name, n);
        }
        s[i].bytes[s[i].size] = 0;
        spew(p.path, s[i].bytes, s[i].size + 1);
        ck_assert_msg(read_as(s[i].format, p.path) == WG_EFORMAT, "%s with a byte more is read", s[i].name);
    }
}
END_TEST

/* Whatever a byte becomes, the file is read or refused; memory never runs out, for nothing is believed. */
START_TEST(change_every_byte)
{
    static sample s[SAMPLES];
    static const unsigned char with[] = {0x01, 0x02, 0x04, 0x10, 0x20, 0x7f, 0x80, 0xff};
    place p = at("changed");
    make_samples(s);
    for (int i = 0; i < SAMPLES; i++)
        for (size_t n = 0; n < s[i].size; n++)
            for (size_t k = 0; k < sizeof with; k++) {
                s[i].bytes[n] ^= with[k];
                spew(p.path, s[i].bytes, s[i].size);
                wg_status r = read_as(s[i].format, p.path);
                ck_assert_msg(r == WG_OK || r == WG_EFORMAT, "%s, byte %zu ^ %02x: %s", s[i].name, n, with[k], why);
                s[i].bytes[n] ^= with[k];
            }
}
END_TEST

START_TEST(every_byte_of_npz_data_is_summed)
{
    static sample s[SAMPLES];
    place p = at("summed");
    make_samples(s);
    size_t from = 30 + 5, to = from + wg__le32(s[2].bytes + 18);
    for (size_t n = from; n < to; n++) {
        s[2].bytes[n] ^= 0x40;
        spew(p.path, s[2].bytes, s[2].size);
        ck_assert_int_eq(read_as(NPZ, p.path), WG_EFORMAT);
        s[2].bytes[n] ^= 0x40;
    }
    ck_why(p.path, "CRC-32");
}
END_TEST

/* One number of the directory of an archive with one entry changed; the entry's own header agrees where it should. */
START_TEST(npz_directories)
{
    static const struct {
        int from_central, width; /* from_central < 0: counted back from the end of the file */
        uint64_t value;
        const char *says;
    } cases[] = {{8, 2, 1, "x.npy: is encrypted"},
                 {10, 2, 12, "x.npy: is compressed in a way"},
                 {10, 2, 8, "its own header"},
                 {16, 4, 7, "CRC-32"},
                 {20, 4, 1 << 30, "shares its bytes"},
                 {24, 4, 1 << 30, "two sizes differ"},
                 {24, 4, UINT32_MAX, "two sizes differ"},
                 {42, 4, 1 << 30, "outside of the file"},
                 {42, 4, 1, "its own header"},
                 {46, 1, 'y', "another name"},
                 {46, 1, 0xff, "UTF-8"},
                 {47, 1, '_', "is no .npy"},
                 {28, 2, 60000, "broken directory"},
                 {0, 4, 7, "broken directory"},
                 {-18, 2, 1, "in parts"},
                 {-14, 2, 2, "in parts"},
                 {-10, 4, 1 << 30, "outside of the file"},
                 {-6, 4, UINT32_MAX, "outside of the file"},
                 {-2, 2, 1, "no directory"}};
    unsigned char old[1024], file[1024];
    place p = at("directory.npz");
    wg_archive z = {0};
    put(&z, "x", WG_F32, SHAPE(1, 3));
    ck_assert_int_eq(wg_npz_write(p.path, &z, why, sizeof why), WG_OK);
    wg_archive_free(&z);
    size_t n = slurp(p.path, old, sizeof old), central = wg__le32(old + n - 6);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int k = cases[i].from_central;
        memcpy(file, old, n);
        wg__put_le(k < 0 ? file + n + k : file + central + k, cases[i].value, cases[i].width);
        spew(p.path, file, n);
        ck_assert_msg(read_as(NPZ, p.path) == WG_EFORMAT, "case %zu is read", i);
        ck_assert_msg(strstr(why, cases[i].says) != NULL, "case %zu: %s", i, why);
    }
    /* the directory's one record twice, so that two entries unfold the same bytes */
    size_t record = n - END_SIZE - central;
    memcpy(file, old, n);
    memcpy(file + central + record, old + central, record + END_SIZE);
    wg__put_le(wg__put_le(file + n + record - 14, 2, 2), 2, 2);
    wg__put_le(file + n + record - 10, 2 * record, 4);
    spew(p.path, file, n + record);
    ck_assert_int_eq(read_as(NPZ, p.path), WG_EFORMAT);
    ck_why(p.path, "x.npy: shares its bytes with another entry");
}
END_TEST

static void ck_npy_header(const char *text, const char *says)
{
    unsigned char file[512] = "\x93NUMPY\1";
    size_t n = strlen(text);
    place p = at("header.npy");
    wg__put_le(file + 8, n, 2);
    memcpy(file + 10, text, n);
    spew(p.path, file, 10 + n + 24);
    wg_status s = read_as(NPY, p.path);
    ck_assert_msg(s == (says ? WG_EFORMAT : WG_OK), "%s: %d %s", text, (int)s, why);
    if (says) ck_why(p.path, says);
}

#define D(descr, order, shape) "{'descr': " descr ", 'fortran_order': " order ", 'shape': " shape ", }"

START_TEST(npy_headers)
{
    ck_npy_header(D("'<f4'", "False", "(2, 3)"), NULL);
    ck_npy_header("{\"shape\":(3L,2),\"descr\":\"=f4\",\"fortran_order\":True}  \n", NULL);
    ck_npy_header(D("'>u1'", "False", "(24,)"), NULL);
    ck_npy_header(D("'<f4'", "False", "(1099511627776,)"), "declares f32[1099511627776]");
    ck_npy_header(D("'<f4'", "False", "(4294967296, 4294967296)"), "declares");
    ck_npy_header(D("'<f8'", "True", "(2305843009213693952, 4)"), "declares");
    ck_npy_header(D("'<f4'", "False", "(0, 4611686018427387904, 4)"), "declares");
    ck_npy_header(D("'<f4'", "False", "(5,)"), "4 bytes follow the array");
    ck_npy_header(D("'<f4'", "False", "(7,)"), "declares");
    ck_npy_header(D("'<f4'", "False", "(99999999999999999999,)"), "too large");
    ck_npy_header(D("'<f4'", "False", "(6)"), "no tuple");
    ck_npy_header(D("'<f4'", "False", "(06,)"), "leading zero");
    ck_npy_header(D("'<f4'", "False", "(-6,)"), "expected a size");
    ck_npy_header(D("'<f4'", "False", "[6]"), "expected '('");
    ck_npy_header(D("'<f4'", "Maybe", "(6,)"), "True or False");
    ck_npy_header(D("''", "False", "(6,)"), "is not read");
    ck_npy_header(D("'\\x3cf4'", "False", "(6,)"), "escape");
    ck_npy_header("{'descr': '<f4', 'descr': '<f4'}", "twice");
    ck_npy_header("{'descr': '<f4', 'shape': (6,)}", "missing");
    ck_npy_header("{'descr': '<f4', 'color': (6,)}", "unknown key");
    ck_npy_header(D("'<f4'", "False", "(6,)") "+", "follows the dictionary");
    ck_npy_header("{'descr': '<f4", "does not end");
}
END_TEST

/* Sizes far beyond the file, where a reader that believed them would ask for terabytes. */
START_TEST(sizes_that_are_not_there)
{
    static const char huge[] = "\0\0\x0e\2\xff\xff\xff\xff\0\1\0\0\0\0\0\0";
    unsigned char packed[128];
    place p = at("huge");
    spew(p.path, huge, sizeof huge - 1);
    ck_assert_int_eq(read_as(IDX, p.path), WG_EFORMAT);
    spew(p.path, packed, gzip(packed, huge, sizeof huge - 1));
    ck_assert_int_eq(read_as(IDX, p.path), WG_EFORMAT);
    spew(p.path, "\xff\xff\xff\xff\xff\xff\xff\x7f{}", 10);
    ck_assert_int_eq(read_as(SAFETENSORS, p.path), WG_EFORMAT);
    spew(p.path, "\x93NUMPY\2\0\xff\xff\xff\xff{}", 14);
    ck_assert_int_eq(read_as(NPY, p.path), WG_EFORMAT);
    ck_why(p.path, "the header's length");
    static unsigned char wide[12 + 70000] = "\x93NUMPY\2";
    wg__put_le(wide + 8, sizeof wide - 12, 4);
    spew(p.path, wide, sizeof wide);
    ck_assert_int_eq(read_as(NPY, p.path), WG_EFORMAT);
    ck_why(p.path, "longer than 10000");
    spew(p.path, packed, gzip(packed, idx, sizeof idx)); /* a byte more than declared, and the checksum is right */
    ck_assert_int_eq(read_as(IDX, p.path), WG_EFORMAT);
}
END_TEST

/* ---- writing that fails ------------------------------------------------------------------------------------------ */

static wg_status write_as(format kind, const char *path, int64_t n)
{
    wg_archive z = {0};
    put(&z, "x", WG_U8, SHAPE(1, n));
    wg_status s = kind == NPY   ? wg_npy_write(path, &z.entry[0].array, why, sizeof why)
                  : kind == NPZ ? wg_npz_write(path, &z, why, sizeof why)
                                : wg_safetensors_write(path, &z, why, sizeof why);
    int error = errno;
    wg_archive_free(&z);
    errno = error;
    return s;
}

START_TEST(places_that_cannot_be)
{
    place file = at("plain"), under = at("plain/x.npy"), nowhere = at("nowhere/x.npy"), locked = at("locked");
    spew(file.path, "old", 3);
    int before = entries(dir);
    for (int k = NPY; k <= SAFETENSORS; k++) {
        ck_assert_int_eq(write_as((format)k, nowhere.path, 9), WG_EIO);
        ck_assert_int_eq(errno, ENOENT);
        ck_why(nowhere.path, "No such file");
        ck_assert_int_eq(write_as((format)k, under.path, 9), WG_EIO);
        ck_assert_int_eq(errno, ENOTDIR);
        ck_assert_int_eq(write_as((format)k, dir, 9), WG_EIO);
        ck_assert_int_eq(errno, EISDIR);
        ck_assert_int_eq(write_as((format)k, NULL, 9), WG_EARG);
        ck_assert_int_eq(write_as((format)k, "", 9), WG_EARG);
        ck_assert_int_eq(read_as((format)k, nowhere.path), WG_EIO);
        ck_assert_int_eq(errno, ENOENT);
        ck_assert_int_eq(read_as((format)k, dir), WG_EIO);
    }
    ck_assert_int_eq(entries(dir), before);
    ck_assert_int_eq(mkdir(locked.path, 0500), 0);
    if (geteuid() != 0) { /* root may write anywhere */
        ck_assert_int_eq(write_as(NPY, at("locked/x.npy").path, 9), WG_EIO);
        ck_assert_int_eq(errno, EACCES);
    }
    ck_assert_int_eq(rmdir(locked.path), 0);
}
END_TEST

/* A disk that fills up in the middle of the file: the system's limit on the size of a file does the same to write(2). */
START_TEST(disk_full)
{
    unsigned char bytes[64];
    place p = at("kept");
    struct rlimit was, small;
    spew(p.path, "the old one", 11);
    int before = entries(dir);
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &was), 0);
    small = (struct rlimit){.rlim_cur = 20000, .rlim_max = was.rlim_max};
    for (int k = NPY; k <= SAFETENSORS; k++)
        for (int64_t n = 19000; n < 1000000; n = n * 3 / 2) { /* on the way, at the last flush, in the first block */
            ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
            wg_status s = write_as((format)k, p.path, n);
            int error = errno;
            ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &was), 0);
            if (n == 19000) {
                ck_assert_int_eq(s, WG_OK);
                spew(p.path, "the old one", 11);
                continue;
            }
            ck_assert_int_eq(s, WG_EIO);
            ck_assert_int_eq(error, EFBIG);
            ck_why(p.path, "cannot be written");
            ck_assert_uint_eq(slurp(p.path, bytes, sizeof bytes), 11);
            ck_assert_mem_eq(bytes, "the old one", 11);
            ck_assert_int_eq(entries(dir), before);
        }
}
END_TEST

/* A device to write to: as root, who could lose the real one to a faulty writer, a node in our own directory. */
static bool device(const char *path, const char *real, unsigned minor_number)
{
#if defined __linux__
    if (geteuid() == 0) return mknod(path, S_IFCHR | 0666, makedev(1, minor_number)) == 0 && access(path, W_OK) == 0;
#endif
    (void)minor_number;
    return geteuid() != 0 && access(real, W_OK) == 0 && symlink(real, path) == 0;
}

START_TEST(devices)
{
    struct stat st;
    place full = at("full"), null = at("null");
    FILE *probe = device(full.path, "/dev/full", 7) && device(null.path, "/dev/null", 3) ? fopen(full.path, "r+") : NULL;
    if (!probe) { /* none there, or none may be made or opened here (containers, nodev) */
        puts("test_io_hostile: no /dev/full: passed over");
        remove(full.path);
        remove(null.path);
        return;
    }
    fclose(probe);
    for (int k = NPY; k <= SAFETENSORS; k++)
        for (int64_t n = 10; n < 100000; n *= 9) {
            ck_assert_int_eq(write_as((format)k, full.path, n), WG_EIO);
            ck_assert_int_eq(errno, ENOSPC);
            ck_why(full.path, "No space left");
            ck_assert_int_eq(write_as((format)k, null.path, n), WG_OK);
        }
    ck_assert(!stat(full.path, &st) && S_ISCHR(st.st_mode) && !stat(null.path, &st) && S_ISCHR(st.st_mode));
    ck_assert(!unlink(full.path) && !unlink(null.path));
}
END_TEST

START_TEST(links_and_modes_stay)
{
    struct stat st;
    place file = at("target.npy"), link = at("link.npy");
    spew(file.path, "old", 3);
    ck_assert_int_eq(chmod(file.path, 0640), 0);
    ck_assert_int_eq(symlink("target.npy", link.path), 0);
    ck_assert_msg(!write_as(NPY, link.path, 9), "%s", why);
    ck_assert(!lstat(link.path, &st) && S_ISLNK(st.st_mode));
    ck_assert(!lstat(file.path, &st) && S_ISREG(st.st_mode) && (st.st_mode & 0777) == 0640);
    ck_assert_int_eq(read_as(NPY, file.path), WG_OK);
    ck_assert_int_eq(unlink(link.path), 0);
}
END_TEST

START_TEST(why_may_be_short_or_absent)
{
    char short_why[8] = "1234567";
    wg_array a;
    ck_assert_int_eq(wg_npy_read(at("absent").path, &a, NULL, 0), WG_EIO);
    ck_assert_int_eq(wg_npy_read(at("absent").path, &a, short_why, sizeof short_why), WG_EIO);
    ck_assert_uint_eq(strlen(short_why), 7);
    ck_assert_int_eq(wg_npy_read(NULL, &a, why, sizeof why), WG_EARG);
    ck_assert_int_eq(wg_npy_read(dir, NULL, why, sizeof why), WG_EARG);
    ck_assert_int_eq(wg_idx_read(dir, NULL, why, sizeof why), WG_EARG);
    ck_assert_int_eq(wg_npz_read(dir, NULL, why, sizeof why), WG_EARG);
    ck_assert_int_eq(wg_safetensors_read(dir, NULL, why, sizeof why), WG_EARG);
    ck_assert_int_eq(wg_npz_write(at("n").path, NULL, why, sizeof why), WG_EARG);
    ck_assert_int_eq(wg_safetensors_write(at("n").path, NULL, why, sizeof why), WG_EARG);
    ck_assert_int_eq(wg_npy_write(at("n").path, NULL, why, sizeof why), WG_EARG);
    ck_assert_int_eq(wg_npy_write(at("n").path, &(wg_array){.dtype = WG_F32, .shape = SHAPE(1, 3)}, why, sizeof why), WG_EARG);
    ck_assert_int_eq(access(at("n").path, F_OK), -1);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("io_hostile");
    TCase *c = tcase_create("hostile");
    suite_add_tcase(s, c);
    tcase_set_timeout(c, 240);
    tcase_add_test(c, fortran_order_by_hand);
    tcase_add_test(c, cut_at_every_byte);
    tcase_add_test(c, change_every_byte);
    tcase_add_test(c, every_byte_of_npz_data_is_summed);
    tcase_add_test(c, npz_directories);
    tcase_add_test(c, npy_headers);
    tcase_add_test(c, sizes_that_are_not_there);
    tcase_add_test(c, places_that_cannot_be);
    tcase_add_test(c, disk_full);
    tcase_add_test(c, devices);
    tcase_add_test(c, links_and_modes_stay);
    tcase_add_test(c, why_may_be_short_or_absent);
    return run_in_directory(s) != 0;
}
