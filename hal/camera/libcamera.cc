/*
 * A real sensor through libcamera 0.0.3 to 0.4: the one C++ file. No exception
 * and no type of libcamera leaves it. libcamera finds devices in /sys: in a room it gets no socket for the
 * events of udev, which a network namespace of its own would not hear either. Completed requests come in on a thread of
 * libcamera's and wait in a queue until hal_camera_read() copies them out.
 */
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include <linux/dma-buf.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <libcamera/libcamera.h>

/* The headers of this project are C11. */
#define _Noreturn [[noreturn]]
#define _Static_assert static_assert
extern "C" {
#include "base/clock.h"
#include "base/log.h"
#include "base/wipe.h"
#include "hal/camera.h"
}

namespace {

constexpr unsigned int buffers_wished = 6;
constexpr unsigned int video_major = 81; /* of all devices of Video4Linux */

struct mapping {
	uint8_t *p = nullptr;
	size_t n = 0;
	bool writable = false;
};

struct plane {
	const uint8_t *p;
	size_t n;
};

struct format_row {
	uint8_t format;
	libcamera::PixelFormat pixels;
};

const format_row formats[] = {
	{PIXEL_GREY, libcamera::formats::R8},
	{PIXEL_NV12, libcamera::formats::NV12},
	{PIXEL_YUYV, libcamera::formats::YUYV},
	{PIXEL_MJPEG, libcamera::formats::MJPEG},
};

void
tell(log_level level, const char *event, const char *name, int64_t value)
{
	const log_number number = {name, value};

	log_numbers(level, event, &number, 1);
}

} // namespace

struct hal_camera {
	/* Last out: a camera must not outlive the manager that found it. */
	std::unique_ptr<libcamera::CameraManager> manager;
	std::shared_ptr<libcamera::Camera> camera;
	bool acquired = false, started = false;
	std::unique_ptr<libcamera::CameraConfiguration> config;
	std::unique_ptr<libcamera::FrameBufferAllocator> allocator;
	libcamera::Stream *stream = nullptr;
	std::vector<mapping> mappings;
	std::vector<std::vector<plane>> planes; /* of each buffer, by the request's cookie */
	std::vector<std::unique_ptr<libcamera::Request>> requests;

	std::mutex lock;
	std::condition_variable arrived;
	std::deque<libcamera::Request *> done;
	bool gone = false;
	std::vector<struct pollfd> devices; /* libcamera's own descriptors, to ask whether they still lead anywhere */

	uint8_t format = 0;
	uint64_t sequence = 0;
	bool any = false;
	uint32_t last_sequence = 0;
	int64_t last_us = 0;
	int64_t heard_us = 0, silence_us = 0;
	libcamera::ControlList wanted; /* goes with the next request */

	~hal_camera();
	int find(const char *name);
	int configure(const struct hal_camera_wish &wish);
	int map_buffers();
	int start(const struct hal_camera_wish &wish);
	bool set_exposure(uint32_t exposure_us, uint32_t gain_milli, libcamera::ControlList &list) const;
	int controls_for(const struct hal_camera_wish &wish, libcamera::ControlList &list) const;
	libcamera::Request *next(int limit_ms);
	int copy(libcamera::Request *request, struct space slot, struct frame *f);
	void times(libcamera::Request *request, const libcamera::FrameMetadata &metadata, struct frame *f);
	int requeue(libcamera::Request *request);
	void on_complete(libcamera::Request *request);
	void on_gone();
	bool silent() const;
	void note_devices();
	void wipe_buffers();
	bool unplugged();
};

void
hal_camera::on_complete(libcamera::Request *request)
{
	{
		std::lock_guard<std::mutex> hold(lock);
		done.push_back(request);
	}
	arrived.notify_one();
}

void
hal_camera::on_gone()
{
	{
		std::lock_guard<std::mutex> hold(lock);
		gone = true;
	}
	arrived.notify_all();
}

void
hal_camera::note_devices()
{
	struct stat st = {};

	for (int fd = 0, most = static_cast<int>(sysconf(_SC_OPEN_MAX)); fd < most; fd++)
		if (fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) && major(st.st_rdev) == video_major)
			devices.push_back({fd, 0, 0});
}

/*
 * libcamera waits for frames alone: of a device that is gone it would never hear, since events of udev do
 * not reach a room. The kernel says so to everybody who asks for anything.
 */
bool
hal_camera::unplugged()
{
	std::lock_guard<std::mutex> hold(lock);

	if (!gone && poll(devices.data(), devices.size(), 0) > 0)
		for (const auto &device : devices)
			gone = gone || (device.revents & POLLHUP) != 0;
	return gone;
}

bool
hal_camera::silent() const
{
	const int64_t since_us = clock_us(CLOCK_MONOTONIC) - heard_us;

	if (silence_us == 0 || since_us < silence_us)
		return false;
	tell(LOG_WARN, "camera_silent", "ms", since_us / 1000);
	return true;
}

int
hal_camera::find(const char *name)
{
	manager = std::make_unique<libcamera::CameraManager>();
	/* Fails on a machine that never had a camera. */
	if (manager->start() != 0) {
		tell(LOG_ERROR, "camera_not_found", "cameras_there", 0);
		return -ENODEV;
	}
	if (strcmp(name, "first") != 0) {
		camera = manager->get(name);
	} else {
		auto all = manager->cameras();

		camera = all.empty() ? nullptr : all[0];
	}
	if (!camera) {
		tell(LOG_ERROR, "camera_not_found", "cameras_there", static_cast<int64_t>(manager->cameras().size()));
		return -ENODEV;
	}
	if (camera->acquire() != 0) {
		tell(LOG_ERROR, "camera_in_use", "error", EBUSY);
		return -ENODEV;
	}
	acquired = true;
	camera->requestCompleted.connect(this, &hal_camera::on_complete);
	camera->disconnected.connect(this, &hal_camera::on_gone);
	return 0;
}

int
hal_camera::configure(const struct hal_camera_wish &wish)
{
	const libcamera::Size size(wish.width_px, wish.height_px);
	libcamera::PixelFormat pixels;

	for (const auto &row : formats)
		if (row.format == wish.format)
			pixels = row.pixels;
	config = camera->generateConfiguration({libcamera::StreamRole::VideoRecording});
	if (!config || config->empty() || !pixels.isValid())
		return -EINVAL;
	auto &stream_config = config->at(0);
	stream_config.pixelFormat = pixels;
	stream_config.size = size;
	stream_config.bufferCount = buffers_wished;
	/* libcamera changes what it cannot give; what was asked is got, or refused. */
	if (config->validate() == libcamera::CameraConfiguration::Invalid || stream_config.pixelFormat != pixels ||
	    stream_config.size != size) {
		tell(LOG_ERROR, "camera_format_refused", "nearest_width", stream_config.size.width);
		return -EINVAL;
	}
	if (camera->configure(config.get()) != 0)
		return -EINVAL;
	format = wish.format;
	stream = stream_config.stream();
	if (format != PIXEL_MJPEG && frame_bytes(format, stream_config.stride, stream_config.size.height) > FRAME_SLOT_BYTES)
		return -EINVAL;
	return 0;
}

/* Planes of one buffer may share a descriptor: each is mapped once, as far as its planes reach. */
int
hal_camera::map_buffers()
{
	allocator = std::make_unique<libcamera::FrameBufferAllocator>(camera);
	if (allocator->allocate(stream) <= 0)
		return -ENOMEM;
	for (const auto &buffer : allocator->buffers(stream)) {
		std::map<int, mapping> by_fd;
		std::vector<plane> these;
		auto request = camera->createRequest(planes.size());

		for (const auto &part : buffer->planes()) {
			auto &m = by_fd[part.fd.get()];
			const size_t end = size_t{part.offset} + part.length;

			m.n = end > m.n ? end : m.n;
		}
		for (auto &[fd, m] : by_fd) {
			void *p = mmap(nullptr, m.n, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

			m.writable = p != MAP_FAILED; /* to wipe it in the end; some drivers let us only read */
			if (!m.writable)
				p = mmap(nullptr, m.n, PROT_READ, MAP_SHARED, fd, 0);
			if (p == MAP_FAILED)
				return -errno;
			m.p = static_cast<uint8_t *>(p);
			mappings.push_back(m);
		}
		for (const auto &part : buffer->planes())
			these.push_back({by_fd[part.fd.get()].p + part.offset, part.length});
		if (!request || request->addBuffer(stream, buffer.get()) != 0)
			return -ENOMEM;
		planes.push_back(std::move(these));
		requests.push_back(std::move(request));
	}
	return 0;
}

/* Whether the camera has a control for one of those that are not 0. */
bool
hal_camera::set_exposure(uint32_t exposure_us, uint32_t gain_milli, libcamera::ControlList &list) const
{
	namespace controls = libcamera::controls;
	const auto &known = camera->controls();
	const bool exposes = exposure_us != 0 && known.find(&controls::ExposureTime) != known.end();
	const bool gains = gain_milli != 0 && known.find(&controls::AnalogueGain) != known.end();

	if (exposes) {
		if (known.find(&controls::AeEnable) != known.end())
			list.set(controls::AeEnable, false);
		list.set(controls::ExposureTime, static_cast<int32_t>(exposure_us));
	}
	if (gains)
		list.set(controls::AnalogueGain, static_cast<float>(gain_milli) / 1000.0F);
	return exposes || gains;
}

int
hal_camera::controls_for(const struct hal_camera_wish &wish, libcamera::ControlList &list) const
{
	namespace controls = libcamera::controls;
	const auto &known = camera->controls();
	const int64_t period_us = 1000000000 / static_cast<int64_t>(wish.rate_mhz);
	const auto duration = known.find(&controls::FrameDurationLimits);

	if (duration == known.end()) {
		/* Many USB cameras have one rate for each size and no way to ask for another. */
		tell(LOG_WARN, "camera_rate_not_settable", "wished_mhz", wish.rate_mhz);
	} else {
		const int64_t least = duration->second.min().get<int64_t>(), most = duration->second.max().get<int64_t>();

		if (most > 0 && (period_us < least || period_us > most)) {
			tell(LOG_ERROR, "camera_rate_refused", "shortest_period_us", least);
			return -EINVAL;
		}
		const int64_t both[2] = {period_us, period_us};

		list.set(controls::FrameDurationLimits, libcamera::Span<const int64_t, 2>(both));
	}
	(void)set_exposure(wish.exposure_us, wish.gain_milli, list);
	return 0;
}

int
hal_camera::start(const struct hal_camera_wish &wish)
{
	libcamera::ControlList list(camera->controls());
	int err = controls_for(wish, list);

	if (err < 0)
		return err;
	if (camera->start(&list) != 0)
		return -EIO;
	started = true;
	note_devices();
	silence_us = int64_t{wish.silence_ms} * 1000;
	heard_us = clock_us(CLOCK_MONOTONIC);
	/* Some pipelines ignore what start() is given: the first request carries it again. */
	requests.at(0)->controls().merge(list);
	for (const auto &request : requests)
		if (camera->queueRequest(request.get()) != 0)
			return -EIO;
	return 0;
}

libcamera::Request *
hal_camera::next(int limit_ms)
{
	std::unique_lock<std::mutex> hold(lock);
	libcamera::Request *request;

	(void)arrived.wait_for(hold, std::chrono::milliseconds(limit_ms), [this] { return !done.empty() || gone; });
	if (done.empty())
		return nullptr;
	request = done.front();
	done.pop_front();
	return request;
}

static void
sync_buffer(const libcamera::FrameBuffer *buffer, uint64_t when)
{
	struct dma_buf_sync sync = {when | DMA_BUF_SYNC_READ};

	for (const auto &part : buffer->planes()) /* fails on memory that needs none */
		(void)ioctl(part.fd.get(), DMA_BUF_IOCTL_SYNC, &sync);
}

void
hal_camera::times(libcamera::Request *request, const libcamera::FrameMetadata &metadata, struct frame *f)
{
	const int64_t now = clock_us(CLOCK_MONOTONIC);
	int64_t at = static_cast<int64_t>(metadata.timestamp / 1000);

	/* A driver without time stamps, or with a clock of its own: the time of arrival is the best there is. */
	if (at <= 0 || at > now || now - at > 10000000)
		at = now;
	last_us = at > last_us ? at : last_us;
	f->at_us = last_us;
	f->utc_us = clock_us(CLOCK_REALTIME) - (now - last_us);
	if (f->utc_us < 0)
		f->utc_us = 0;
	/* A driver that counts anew, as after a stall, has lost what nobody can tell. */
	const uint32_t step = metadata.sequence - last_sequence;
	sequence += !any ? 0 : step > 0 && step < UINT32_MAX / 2 ? step : 1;
	any = true;
	last_sequence = metadata.sequence;
	f->sequence = sequence;
	if (const auto exposure = request->metadata().get(libcamera::controls::ExposureTime))
		f->exposure_us = *exposure > 0 ? static_cast<uint32_t>(*exposure) : 0;
	if (const auto gain = request->metadata().get(libcamera::controls::AnalogueGain))
		f->gain_milli = *gain > 0 ? static_cast<uint32_t>(*gain * 1000.0F) : 0;
}

int
hal_camera::copy(libcamera::Request *request, struct space slot, struct frame *f)
{
	const auto *buffer = request->findBuffer(stream);
	const auto &stream_config = config->at(0);
	const auto &from = planes.at(request->cookie());
	const auto used = buffer->metadata().planes();
	const uint32_t slot_number = f->slot;
	size_t left = frame_bytes(format, stream_config.stride, stream_config.size.height), put = 0;

	if (format == PIXEL_MJPEG)
		left = used.empty() ? 0 : used[0].bytesused;
	if (left == 0 || left > slot.n)
		return -EIO;
	/* The planes one after the other, each no longer than it is. */
	for (const auto &part : from) {
		const size_t n = part.n < left ? part.n : left;

		memcpy(slot.p + put, part.p, n);
		put += n;
		left -= n;
	}
	if (left != 0)
		return -EIO;
	*f = {};
	f->slot = slot_number;
	f->size_bytes = static_cast<uint32_t>(put);
	f->width_px = static_cast<uint16_t>(stream_config.size.width);
	f->height_px = static_cast<uint16_t>(stream_config.size.height);
	f->stride_bytes = format == PIXEL_MJPEG ? 0 : stream_config.stride;
	f->format = format;
	f->source = SOURCE_SENSOR;
	times(request, buffer->metadata(), f);
	return 1;
}

int
hal_camera::requeue(libcamera::Request *request)
{
	request->reuse(libcamera::Request::ReuseBuffers);
	request->controls().merge(wanted);
	wanted.clear();
	return camera->queueRequest(request) == 0 ? 0 : -ENODEV;
}

void
hal_camera::wipe_buffers()
{
	for (const auto &m : mappings) {
		if (m.writable)
			wipe(m.p, m.n);
		(void)munmap(m.p, m.n);
	}
	mappings.clear();
}

hal_camera::~hal_camera()
{
	if (started)
		(void)camera->stop();
	requests.clear();
	wipe_buffers();
	if (allocator && stream)
		(void)allocator->free(stream);
	allocator.reset();
	config.reset();
	if (camera && acquired) {
		camera->requestCompleted.disconnect(this);
		camera->disconnected.disconnect(this);
		(void)camera->release();
	}
	camera.reset();
	if (manager)
		manager->stop();
}

extern "C" int
hal_camera_open(struct hal_camera **out, const struct hal_camera_wish *wish)
try {
	auto cam = std::make_unique<hal_camera>();
	int err;

	if (wish->rate_mhz == 0)
		return -EINVAL;
	err = cam->find(wish->name);
	if (err == 0)
		err = cam->configure(*wish);
	if (err == 0)
		err = cam->map_buffers();
	if (err == 0)
		err = cam->start(*wish);
	if (err < 0)
		return err;
	*out = cam.release();
	return 0;
} catch (...) {
	return -ENOMEM;
}

extern "C" int
hal_camera_read(struct hal_camera *cam, struct space slot, struct frame *f, int limit_ms)
try {
	auto *request = cam->next(limit_ms < 0 ? 1000 : limit_ms);
	const libcamera::FrameBuffer *buffer;
	int got = -EIO;

	/* Nobody here cancels: a device that took a buffer back no more is gone. */
	if (request != nullptr && request->status() == libcamera::Request::RequestCancelled)
		cam->on_gone();
	if ((request == nullptr || request->status() == libcamera::Request::RequestCancelled) && cam->unplugged()) {
		tell(LOG_WARN, "camera_unplugged", "frames", static_cast<int64_t>(cam->sequence));
		return -ENODEV;
	}
	if (request == nullptr)
		return cam->silent() ? -ENODEV : 0;
	cam->heard_us = clock_us(CLOCK_MONOTONIC);
	buffer = request->findBuffer(cam->stream);
	if (request->status() == libcamera::Request::RequestComplete &&
	    buffer->metadata().status == libcamera::FrameMetadata::FrameSuccess) {
		sync_buffer(buffer, DMA_BUF_SYNC_START);
		got = cam->copy(request, slot, f);
		sync_buffer(buffer, DMA_BUF_SYNC_END);
	}
	return cam->requeue(request) < 0 ? -ENODEV : got;
} catch (...) {
	return -EIO;
}

extern "C" int
hal_camera_expose(struct hal_camera *cam, uint32_t exposure_us, uint32_t gain_milli)
try {
	cam->wanted.clear();
	return cam->set_exposure(exposure_us, gain_milli, cam->wanted) ? 0 : -ENOTSUP;
} catch (...) {
	return -ENOTSUP;
}

extern "C" uint64_t
hal_camera_skipped(const struct hal_camera *cam)
{
	(void)cam;
	return 0;
}

/*
 * Not wiped: buffers that the driver lets us only read. Of a device that is gone libcamera expects what no
 * longer happens, and aborts when asked to stop: it is left as it is, and the room ends next.
 */
extern "C" void
hal_camera_close(struct hal_camera *cam)
try {
	if (cam != nullptr && cam->unplugged())
		cam->wipe_buffers();
	else
		delete cam;
} catch (...) {
}
